using Iced.Intel;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;
using X86Pae.Samples.Processor.Segments;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>PUSH, POP, PUSHA, POPA, PUSHF, POPF, ENTER, LEAVE.</summary>
internal sealed class StackInstructions
{
    private readonly CpuState _state;
    private readonly Operands _operands;
    private readonly SegmentedMemory _memory;
    private readonly Stack _stack;
    private readonly SegmentLoader _segments;

    public StackInstructions(
        CpuState state, Operands operands, SegmentedMemory memory, Stack stack, SegmentLoader segments, InstructionTable table)
    {
        _state = state;
        _operands = operands;
        _memory = memory;
        _stack = stack;
        _segments = segments;
        table[Mnemonic.Push] = Push;
        table[Mnemonic.Pop] = Pop;
        table[Mnemonic.Pusha] = (in Instruction _) => PushAll(size: 2);
        table[Mnemonic.Pushad] = (in Instruction _) => PushAll(size: 4);
        table[Mnemonic.Popa] = (in Instruction _) => PopAll(size: 2);
        table[Mnemonic.Popad] = (in Instruction _) => PopAll(size: 4);
        table[Mnemonic.Pushf] = (in Instruction _) => PushFlags(size: 2);
        table[Mnemonic.Pushfd] = (in Instruction _) => PushFlags(size: 4);
        table[Mnemonic.Popf] = (in Instruction _) => PopFlags(size: 2);
        table[Mnemonic.Popfd] = (in Instruction _) => PopFlags(size: 4);
        table[Mnemonic.Enter] = Enter;
        table[Mnemonic.Leave] = Leave;
    }

    private bool Push(in Instruction instruction)
    {
        // A selector takes as many bytes as any operand, and an immediate is extended.
        int size = -instruction.StackPointerIncrement;
        if (instruction.Op0Kind == OpKind.Register && instruction.Op0Register.IsSegmentRegister())
        {
            return _stack.TryPush(_state.Segment(instruction.Op0Register).Selector, size);
        }

        return _operands.TryRead(instruction, 0, out uint value) && _stack.TryPush(value, size);
    }

    private bool Pop(in Instruction instruction)
    {
        int size = instruction.StackPointerIncrement;
        if (!_stack.TryPeek(0, size, out uint value))
        {
            return false;
        }

        if (instruction.Op0Kind == OpKind.Register && instruction.Op0Register.IsSegmentRegister())
        {
            if (!_segments.TryLoad(instruction.Op0Register, (ushort)value))
            {
                return false;
            }

            _state.Esp += (uint)size;
            return true;
        }

        // ESP is incremented before the destination is written, also if the address uses it or it is the destination.
        _state.Esp += (uint)size;
        if (_operands.TryWrite(instruction, 0, value))
        {
            return true;
        }

        _state.Esp -= (uint)size;
        return false;
    }

    private bool PushAll(int size)
    {
        Span<uint> values = stackalloc uint[8];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _state.General(i);
        }

        return _stack.TryPushAll(values, size);
    }

    private bool PopAll(int size)
    {
        const int Esp = 4;
        Span<uint> values = stackalloc uint[8];
        for (int i = 0; i < values.Length; i++)
        {
            if (!_stack.TryPeek((uint)(i * size), size, out values[i]))
            {
                return false;
            }
        }

        Register lowest = size == 2 ? Register.AX : Register.EAX;
        for (int i = 0; i < values.Length; i++)
        {
            int number = values.Length - 1 - i;
            if (number != Esp)
            {
                _state.Write(lowest + number, values[i]);
            }
        }

        _state.Esp += (uint)(values.Length * size);
        return true;
    }

    private bool PushFlags(int size) => _stack.TryPush((uint)(_state.Flags & ~(Eflags.Virtual8086 | Eflags.Resume)), size);

    private bool PopFlags(int size)
    {
        if (!_stack.TryPeek(0, size, out uint image))
        {
            return false;
        }

        _state.Esp += (uint)size;
        Eflags loadable = _state.LoadableFlags(size) & ~(Eflags.VirtualInterrupt | Eflags.VirtualInterruptPending);
        _state.LoadFlags((Eflags)image, loadable);
        return true;
    }

    private bool Enter(in Instruction instruction)
    {
        int size = instruction.Code == Code.Enterd_imm16_imm8 ? 4 : 2;
        int level = instruction.Immediate8_2nd & 0x1F;
        Span<uint> values = stackalloc uint[level + 1];
        values[0] = _state.Ebp;
        uint frame = _state.Esp - (uint)size;
        for (int i = 1; i < level; i++)
        {
            if (!_memory.TryRead(Register.SS, _state.Ebp - (uint)(i * size), size, out values[i]))
            {
                return false;
            }
        }

        if (level > 0)
        {
            values[level] = frame;
        }

        uint esp = _state.Esp - (uint)(values.Length * size) - instruction.Immediate16;
        if (!_memory.TryProbeWrite(Register.SS, esp, size) || !_stack.TryPushAll(values, size))
        {
            return false;
        }

        _state.Write(size == 4 ? Register.EBP : Register.BP, frame);
        _state.Esp = esp;
        return true;
    }

    private bool Leave(in Instruction instruction)
    {
        int size = instruction.Code == Code.Leaved ? 4 : 2;
        if (!_memory.TryRead(Register.SS, _state.Ebp, size, out uint value))
        {
            return false;
        }

        _state.Esp = _state.Ebp + (uint)size;
        _state.Write(size == 4 ? Register.EBP : Register.BP, value);
        return true;
    }
}
