using X86Pae.GuestRunner.Accesses;
using X86Pae.GuestRunner.Processor;

namespace X86Pae.GuestRunner.Segments;

/// <summary>
/// Reads the GDT and LDT as the processor does: on its own behalf. A program at CPL 3 that loads a segment makes a supervisor
/// access, and EFLAGS.AC does not help it past SMAP.
/// </summary>
/// <param name="state">GDTR and LDTR.</param>
/// <param name="memory">The tables.</param>
internal sealed class DescriptorTables(CpuState state, LinearMemory memory)
{
    private const uint EntrySize = 8;
    private const ushort LocalTableBit = 4;

    /// <summary>Whether a selector names no segment at all.</summary>
    public static bool IsNull(ushort selector) => (selector & 0xFFFC) == 0;

    /// <summary>Reads a descriptor.</summary>
    /// <param name="selector">Not null.</param>
    /// <param name="beyondTable">The exception where the table has no such entry.</param>
    /// <param name="descriptor">The entry.</param>
    public bool TryRead(ushort selector, GuestException beyondTable, out SegmentDescriptor descriptor)
    {
        descriptor = default;
        if (!TryLocate(selector, out uint linear))
        {
            return state.Raise(beyondTable);
        }

        bool done = memory.TryRead(linear, AccessSet.Implicit.Read, out ulong raw);
        descriptor = new SegmentDescriptor(raw);
        return done;
    }

    /// <summary>Reads a descriptor, or tells that there is none without an exception (LAR, VERR); only #PF makes it fail.</summary>
    public bool TryLookUp(ushort selector, out bool found, out SegmentDescriptor descriptor)
    {
        descriptor = default;
        found = !IsNull(selector) && TryLocate(selector, out _);
        return !found || TryRead(selector, GuestException.GeneralProtection, out descriptor);
    }

    /// <summary>Sets bits of a descriptor's access byte: the accessed flag of a segment, the busy flag of a TSS.</summary>
    public bool TrySet(ushort selector, byte bits)
    {
        _ = TryLocate(selector, out uint linear);
        var operation = new SetBits(bits);
        return memory.TryUpdate(linear + SegmentDescriptor.AccessByte, 1, AccessSet.Implicit.Update, ref operation);
    }

    /// <summary>Sets the accessed flag of a segment that is about to be loaded, unless it is set.</summary>
    public bool TrySetAccessed(ushort selector, ref SegmentDescriptor descriptor)
    {
        if (descriptor.IsAccessed)
        {
            return true;
        }

        descriptor = descriptor.Accessed;
        return TrySet(selector, bits: 1);
    }

    private bool TryLocate(ushort selector, out uint linear)
    {
        uint offset = selector & 0xFFF8u;
        bool local = (selector & LocalTableBit) != 0;
        bool exists = !local || !IsNull(state.Ldtr.Selector);
        linear = (local ? state.Ldtr.Base : state.Gdtr.Base) + offset;
        return exists && offset + EntrySize - 1 <= (local ? state.Ldtr.Limit : state.Gdtr.Limit);
    }

    private readonly struct SetBits(byte bits) : IOperation
    {
        public uint Apply(uint value) => value | bits;
    }
}
