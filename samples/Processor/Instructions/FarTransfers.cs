using Iced.Intel;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Interrupts;
using X86Pae.Samples.Processor.Registers;
using X86Pae.Samples.Processor.Segments;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>Far JMP and CALL within a privilege level, and RETF.</summary>
internal sealed class FarTransfers
{
    private readonly CpuState _state;
    private readonly Operands _operands;
    private readonly SegmentedMemory _memory;
    private readonly Stack _stack;
    private readonly SegmentLoader _segments;

    public FarTransfers(
        CpuState state,
        Operands operands,
        SegmentedMemory memory,
        Stack stack,
        SegmentLoader segments,
        FarReturn returns,
        InstructionTable table)
    {
        _state = state;
        _operands = operands;
        _memory = memory;
        _stack = stack;
        _segments = segments;
        table[Mnemonic.Retf] = (in Instruction i) => returns.TryReturn(
            i.Code is Code.Retfd or Code.Retfd_imm16 ? 4 : 2,
            valuesAboveCs: 0,
            i.Code is Code.Retfd_imm16 or Code.Retfw_imm16 ? i.Immediate16 : (ushort)0);
    }

    /// <summary>Whether a JMP or CALL gives a selector, in the instruction or in memory.</summary>
    public static bool IsFar(in Instruction instruction) =>
        instruction.IsJmpFar || instruction.IsJmpFarIndirect || instruction.IsCallFar || instruction.IsCallFarIndirect;

    public bool Jump(in Instruction instruction)
    {
        if (!TryReadTarget(instruction, out uint offset, out ushort selector, out _)
            || !TryCheck(selector, offset, out SegmentRegister code))
        {
            return false;
        }

        Enter(code, offset);
        return true;
    }

    public bool Call(in Instruction instruction)
    {
        if (!TryReadTarget(instruction, out uint offset, out ushort selector, out int size)
            || !TryCheck(selector, offset, out SegmentRegister code)
            || !_stack.TryPushAll([_state.Segment(Register.CS).Selector, _state.NextEip], size))
        {
            return false;
        }

        Enter(code, offset);
        return true;
    }

    private bool TryReadTarget(in Instruction instruction, out uint offset, out ushort selector, out int size)
    {
        if (instruction.Op0Kind is OpKind.FarBranch16 or OpKind.FarBranch32)
        {
            bool wide = instruction.Op0Kind == OpKind.FarBranch32;
            offset = wide ? instruction.FarBranch32 : instruction.FarBranch16;
            selector = instruction.FarBranchSelector;
            size = wide ? 4 : 2;
            return true;
        }

        size = instruction.MemorySize == MemorySize.SegPtr32 ? 4 : 2;
        uint address = _operands.EffectiveAddress(instruction);
        bool done = _memory.TryRead(instruction.MemorySegment, address, size, out offset);
        uint read = 0;
        done = done && _memory.TryRead(instruction.MemorySegment, address + (uint)size, 2, out read);
        selector = (ushort)read;
        return done;
    }

    private bool TryCheck(ushort selector, uint offset, out SegmentRegister code) =>
        _segments.TryCheckCode(selector, _state.Cpl, isReturn: false, out code)
        && (code.Contains(offset, 1) || _state.Raise(GuestException.GeneralProtection));

    private void Enter(SegmentRegister code, uint offset)
    {
        _state.Segment(Register.CS) = code;
        _state.NextEip = offset;
    }
}
