using Iced.Intel;
using X86Pae.Paging;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Accesses;

/// <summary>Memory by segment and offset, as the program addresses it. Makes the checks that come before paging.</summary>
/// <param name="mmu">Holds CR0.AM.</param>
/// <param name="state">Holds privilege and segments.</param>
/// <param name="linearMemory">Makes the access that has passed the checks.</param>
internal sealed class SegmentedMemory(GuestMmu mmu, CpuState state, LinearMemory linearMemory)
{
    public bool TryRead(Register segment, uint offset, int size, out uint value)
    {
        value = 0;
        return TryLinear(segment, offset, size, isWrite: false, out uint linear)
            && linearMemory.TryRead(linear, size, state.Accesses.Read, out value);
    }

    public bool TryWrite(Register segment, uint offset, int size, uint value) =>
        TryLinear(segment, offset, size, isWrite: true, out uint linear)
        && linearMemory.TryWrite(linear, size, state.Accesses.Write, value);

    public bool TryUpdate<TOperation>(Register segment, uint offset, int size, ref TOperation operation)
        where TOperation : struct, IOperation =>
        TryLinear(segment, offset, size, isWrite: true, out uint linear)
        && linearMemory.TryUpdate(linear, size, state.Accesses.Update, ref operation);

    /// <summary>Reads 16 bytes: the operand of INVPCID.</summary>
    public bool TryReadDescriptor(Register segment, uint offset, out UInt128 value)
    {
        value = 0;
        return TryLinear(segment, offset, size: 16, isWrite: false, out uint linear)
            && linearMemory.TryRead(linear, state.Accesses.Read, out value);
    }

    /// <summary>Makes the checks and the translation of a write, without the write.</summary>
    public bool TryProbeWrite(Register segment, uint offset, int size) =>
        TryLinear(segment, offset, size, isWrite: true, out uint linear)
        && linearMemory.TryProbe(linear, size, state.Accesses.Write);

    /// <summary>Checks rights and limit of a segment, adds its base, and checks alignment.</summary>
    public bool TryLinear(Register segment, uint offset, int size, bool isWrite, out uint linear)
    {
        ref readonly SegmentRegister register = ref state.Segment(segment);
        linear = register.Base + offset;
        if (!register.Allows(offset, (uint)size, isWrite))
        {
            return state.Raise(segment == Register.SS ? GuestException.StackFault : GuestException.GeneralProtection);
        }

        bool misaligned = (linear & (uint)(size - 1)) != 0;
        return !misaligned || !ChecksAlignment || state.Raise(GuestException.AlignmentCheck);
    }

    /// <summary>Whether alignment is checked: at CPL 3 with EFLAGS.AC and CR0.AM. The order of #AC and #PF is model-specific.</summary>
    private bool ChecksAlignment =>
        state.Cpl == 3 && state.Has(Eflags.AlignmentCheck) && (mmu.Cr0 & Cr0.AlignmentMask) != 0;
}
