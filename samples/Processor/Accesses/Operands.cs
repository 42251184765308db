using Iced.Intel;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Accesses;

/// <summary>Operands of a decoded instruction: registers, immediates and memory.</summary>
/// <param name="state">Holds the registers.</param>
/// <param name="memory">Holds the memory operands.</param>
internal sealed class Operands(CpuState state, SegmentedMemory memory)
{
    /// <summary>Width of a register or memory operand in bytes.</summary>
    public static int SizeOf(in Instruction instruction, int operand) =>
        instruction.GetOpKind(operand) == OpKind.Register
            ? instruction.GetOpRegister(operand).GetSize()
            : instruction.MemorySize.GetSize();

    /// <summary>Reads a general register, an immediate (extended to the width of the instruction) or memory.</summary>
    public bool TryRead(in Instruction instruction, int operand, out uint value)
    {
        switch (instruction.GetOpKind(operand))
        {
            case OpKind.Register:
                value = state.Read(instruction.GetOpRegister(operand));
                return true;
            case OpKind.Memory:
                return memory.TryRead(
                    instruction.MemorySegment, EffectiveAddress(instruction), instruction.MemorySize.GetSize(), out value);
            default:
                value = (uint)instruction.GetImmediate(operand);
                return true;
        }
    }

    public bool TryWrite(in Instruction instruction, int operand, uint value)
    {
        if (instruction.GetOpKind(operand) != OpKind.Register)
        {
            return memory.TryWrite(
                instruction.MemorySegment, EffectiveAddress(instruction), instruction.MemorySize.GetSize(), value);
        }

        state.Write(instruction.GetOpRegister(operand), value);
        return true;
    }

    /// <summary>Applies an operation to an operand.</summary>
    public bool TryUpdate<TOperation>(in Instruction instruction, int operand, ref TOperation operation)
        where TOperation : struct, IOperation
    {
        if (instruction.GetOpKind(operand) != OpKind.Register)
        {
            return memory.TryUpdate(
                instruction.MemorySegment, EffectiveAddress(instruction), instruction.MemorySize.GetSize(), ref operation);
        }

        Register register = instruction.GetOpRegister(operand);
        state.Write(register, operation.Apply(state.Read(register)));
        return true;
    }

    /// <summary>Offset of the memory operand within its segment.</summary>
    public uint EffectiveAddress(in Instruction instruction)
    {
        uint address = instruction.MemoryDisplacement32;
        Register first = instruction.MemoryBase;
        if (first != Register.None)
        {
            address += state.Read(first);
        }

        if (instruction.MemoryIndex != Register.None)
        {
            address += state.Read(instruction.MemoryIndex) * (uint)instruction.MemoryIndexScale;
        }

        return UsesSixteenBits(instruction) ? (ushort)address : address;
    }

    /// <summary>Whether an address-size prefix makes offsets wrap at 64 KiB.</summary>
    private static bool UsesSixteenBits(in Instruction instruction)
    {
        Register register = instruction.MemoryBase != Register.None ? instruction.MemoryBase : instruction.MemoryIndex;
        return register == Register.None ? instruction.MemoryDisplSize == 2 : register.GetSize() == 2;
    }
}

/// <summary>Masks of operands of 1, 2 and 4 bytes, which are all computed in 32 bits.</summary>
internal static class OperandSize
{
    /// <summary>All bits of an operand.</summary>
    public static uint Mask(int size) => uint.MaxValue >> (32 - (8 * size));

    /// <summary>The highest bit of an operand.</summary>
    public static uint SignBit(int size) => 1u << ((8 * size) - 1);

    public static int SignExtend(uint value, int size)
    {
        int unused = 32 - (8 * size);
        return (int)(value << unused) >> unused;
    }
}
