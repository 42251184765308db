using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Segments;

/// <summary>
/// Reads the GDT and LDT on the processor's own behalf: a program at CPL 3 that loads a segment makes an implicit supervisor
/// access to them, to which SMAP applies whatever EFLAGS.AC is.
/// </summary>
/// <param name="state">Holds GDTR and LDTR.</param>
/// <param name="memory">Holds the tables.</param>
internal sealed class DescriptorTables(CpuState state, LinearMemory memory)
{
    private const uint EntrySize = 8;
    private const ushort LocalTableBit = 4;

    /// <summary>Whether a selector is null. Its requested privilege level does not matter.</summary>
    public static bool IsNull(ushort selector) => (selector & 0xFFFC) == 0;

    /// <summary>Reads a descriptor.</summary>
    /// <param name="selector">The selector, not null.</param>
    /// <param name="beyondTable">The exception to raise if the table has no such entry.</param>
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

    /// <summary>Reads a descriptor for LAR, LSL and VERR: a selector without one raises nothing. Only #PF makes this fail.</summary>
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

    /// <summary>Sets the accessed flag of a descriptor before it is loaded, if it is clear.</summary>
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
