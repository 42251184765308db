using Iced.Intel;
using X86Pae.GuestRunner.Processor;
using X86Pae.GuestRunner.Segments;
using X86Pae.Paging;

namespace X86Pae.GuestRunner.Accesses;

/// <summary>Memory as the program addresses it: segment and offset. Checks that come before paging are made here.</summary>
/// <param name="mmu">For CR0.AM.</param>
/// <param name="state">Privilege and segments.</param>
/// <param name="linearMemory">Where a checked access goes.</param>
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

    /// <summary>Makes sure that a write will succeed.</summary>
    public bool TryProbeWrite(Register segment, uint offset, int size) =>
        TryLinear(segment, offset, size, isWrite: true, out uint linear)
        && linearMemory.TryProbe(linear, size, state.Accesses.Write);

    /// <summary>Segmentation: rights and limit, then base, then alignment.</summary>
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

    /// <summary>At CPL 3 EFLAGS.AC means what its name says. Which of #AC and #PF comes first is up to the model.</summary>
    private bool ChecksAlignment =>
        state.Cpl == 3 && state.Has(Eflags.AlignmentCheck) && (mmu.Cr0 & Cr0.AlignmentMask) != 0;
}
