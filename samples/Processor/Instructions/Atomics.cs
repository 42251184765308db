using Iced.Intel;
using X86Pae.Memory;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>XCHG, XADD, CMPXCHG and CMPXCHG8B, each one read-modify-write, also if it writes back the old value.</summary>
/// <remarks>
/// LOCK has no effect because one processor has the memory to itself; the decoder refuses it where it is not allowed. With
/// processors on several threads of the host, an aligned locked operation would be <c>Mmu.CompareExchange</c>.
/// </remarks>
internal sealed class Atomics
{
    private readonly CpuState _state;
    private readonly Operands _operands;
    private readonly SegmentedMemory _memory;
    private readonly LinearMemory _linearMemory;

    public Atomics(
        CpuState state, Operands operands, SegmentedMemory memory, LinearMemory linearMemory, InstructionTable table)
    {
        _state = state;
        _operands = operands;
        _memory = memory;
        _linearMemory = linearMemory;
        table[Mnemonic.Xchg] = Exchange;
        table[Mnemonic.Xadd] = ExchangeAndAdd;
        table[Mnemonic.Cmpxchg] = CompareExchange;
        table[Mnemonic.Cmpxchg8b] = CompareExchangeQuadword;
    }

    private bool Exchange(in Instruction instruction)
    {
        // Either operand may be the one in memory.
        int memoryOperand = instruction.Op1Kind == OpKind.Memory ? 1 : 0;
        Register register = instruction.GetOpRegister(1 - memoryOperand);
        var operation = new Replacement(_state.Read(register));
        if (!_operands.TryUpdate(instruction, memoryOperand, ref operation))
        {
            return false;
        }

        _state.Write(register, operation.Before);
        return true;
    }

    private bool ExchangeAndAdd(in Instruction instruction)
    {
        Register source = instruction.Op1Register;
        var operation = new Addition(_state.Read(source), source.GetSize(), _state.Flags);
        if (instruction.Op0Kind == OpKind.Register)
        {
            // The destination is written last, so that it holds the sum if both are the same register.
            Register destination = instruction.Op0Register;
            uint sum = operation.Apply(_state.Read(destination));
            _state.Write(source, operation.Before);
            _state.Write(destination, sum);
        }
        else if (_operands.TryUpdate(instruction, 0, ref operation))
        {
            _state.Write(source, operation.Before);
        }
        else
        {
            return false;
        }

        _state.Flags = operation.Flags;
        return true;
    }

    private bool CompareExchange(in Instruction instruction)
    {
        int size = Operands.SizeOf(instruction, 0);
        Register accumulator = size switch { 1 => Register.AL, 2 => Register.AX, _ => Register.EAX };
        var operation = new Comparison(_state.Read(accumulator), _state.Read(instruction.Op1Register), size, _state.Flags);
        if (!_operands.TryUpdate(instruction, 0, ref operation))
        {
            return false;
        }

        _state.Flags = operation.Flags;
        if (!_state.Has(Eflags.Zero))
        {
            _state.Write(accumulator, operation.Before);
        }

        return true;
    }

    private bool CompareExchangeQuadword(in Instruction instruction)
    {
        var update = new QuadwordComparison(
            expected: ((ulong)_state.Edx << 32) | _state.Eax, desired: ((ulong)_state.Ecx << 32) | _state.Ebx);
        uint offset = _operands.EffectiveAddress(instruction);
        if (!_memory.TryLinear(instruction.MemorySegment, offset, sizeof(ulong), isWrite: true, out uint linear)
            || !_linearMemory.TryUpdateQuadword(linear, _state.Accesses.Update, ref update))
        {
            return false;
        }

        _state.Set(Eflags.Zero, update.Swapped);
        if (!update.Swapped)
        {
            _state.Eax = (uint)update.Before;
            _state.Edx = (uint)(update.Before >> 32);
        }

        return true;
    }

    private struct Replacement(uint value) : IOperation
    {
        public uint Before;

        public uint Apply(uint old)
        {
            Before = old;
            return value;
        }
    }

    private struct Addition(uint addend, int size, Eflags flags) : IOperation
    {
        public uint Before;
        public Eflags Flags = flags;

        public uint Apply(uint value)
        {
            Before = value;
            return Alu.Add(value, addend, 0, size, ref Flags);
        }
    }

    private struct Comparison(uint expected, uint desired, int size, Eflags flags) : IOperation
    {
        public uint Before;
        public Eflags Flags = flags;

        public uint Apply(uint value)
        {
            Before = value;
            return Alu.Subtract(expected, value, 0, size, ref Flags) == 0 ? desired : value;
        }
    }

    private struct QuadwordComparison(ulong expected, ulong desired) : IMemoryUpdate<ulong>
    {
        public ulong Before;

        public readonly bool Swapped => Before == expected;

        public ulong Apply(ulong value)
        {
            Before = value;
            return Swapped ? desired : value;
        }
    }
}
