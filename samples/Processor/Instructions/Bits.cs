using System.Numerics;
using Iced.Intel;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>BT, BTS, BTR, BTC, BSF, BSR, BSWAP.</summary>
internal sealed class Bits
{
    private readonly CpuState _state;
    private readonly Operands _operands;
    private readonly SegmentedMemory _memory;

    public Bits(CpuState state, Operands operands, SegmentedMemory memory, InstructionTable table)
    {
        _state = state;
        _operands = operands;
        _memory = memory;
        table[Mnemonic.Bt] = Test;
        table[Mnemonic.Bts] = (in Instruction i) => Change(i, set: true, flip: false);
        table[Mnemonic.Btr] = (in Instruction i) => Change(i, set: false, flip: false);
        table[Mnemonic.Btc] = (in Instruction i) => Change(i, set: false, flip: true);
        table[Mnemonic.Bsf] = (in Instruction i) => Scan(i, BitOperations.TrailingZeroCount);
        table[Mnemonic.Bsr] = (in Instruction i) => Scan(i, BitOperations.Log2);
        table[Mnemonic.Bswap] = Swap;
    }

    private bool Test(in Instruction instruction)
    {
        uint mask = Locate(instruction, out uint address);
        uint value;
        bool done = instruction.Op0Kind == OpKind.Register
            ? _operands.TryRead(instruction, 0, out value)
            : _memory.TryRead(instruction.MemorySegment, address, instruction.MemorySize.GetSize(), out value);
        if (done)
        {
            _state.Set(Eflags.Carry, (value & mask) != 0);
        }

        return done;
    }

    private bool Change(in Instruction instruction, bool set, bool flip)
    {
        uint mask = Locate(instruction, out uint address);
        var operation = new BitChange(set || flip ? mask : 0, flip ? 0 : mask);
        bool done = instruction.Op0Kind == OpKind.Register
            ? _operands.TryUpdate(instruction, 0, ref operation)
            : _memory.TryUpdate(instruction.MemorySegment, address, instruction.MemorySize.GetSize(), ref operation);
        if (done)
        {
            _state.Set(Eflags.Carry, (operation.Before & mask) != 0);
        }

        return done;
    }

    /// <summary>
    /// Finds the address and the mask of a bit. A bit number in a register is a signed distance from the start of a memory
    /// operand and may lie outside of it; an immediate, and a bit number of a register operand, count modulo its width.
    /// </summary>
    private uint Locate(in Instruction instruction, out uint address)
    {
        int size = Operands.SizeOf(instruction, 0);
        _ = _operands.TryRead(instruction, 1, out uint number); // a register or an immediate, which cannot fault
        bool isMemory = instruction.Op0Kind == OpKind.Memory;
        address = isMemory ? _operands.EffectiveAddress(instruction) : 0;
        if (isMemory && instruction.Op1Kind == OpKind.Register)
        {
            int bitsShift = BitOperations.Log2((uint)size) + 3;
            address += (uint)((OperandSize.SignExtend(number, size) >> bitsShift) * size);
        }

        return 1u << (int)(number & (uint)((8 * size) - 1));
    }

    /// <summary>BSF and BSR. With a source of 0 the destination is undefined, and keeps its value as on real processors.</summary>
    private bool Scan(in Instruction instruction, Func<uint, int> find)
    {
        if (!_operands.TryRead(instruction, 1, out uint source))
        {
            return false;
        }

        _state.Set(Eflags.Zero, source == 0);
        if (source != 0)
        {
            _state.Write(instruction.Op0Register, (uint)find(source));
        }

        return true;
    }

    private bool Swap(in Instruction instruction)
    {
        // The result in a 16-bit register is undefined, and zero on most processors.
        Register register = instruction.Op0Register;
        uint value = register.GetSize() == 4 ? System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(_state.Read(register)) : 0;
        _state.Write(register, value);
        return true;
    }

    private struct BitChange(uint flipped, uint cleared) : IOperation
    {
        public uint Before;

        public uint Apply(uint value)
        {
            Before = value;
            return (value & ~cleared) ^ flipped;
        }
    }
}
