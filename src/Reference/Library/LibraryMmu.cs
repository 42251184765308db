using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Reference.Specification;

namespace X86Pae.Reference.Library;

/// <summary>An adapter that has the library's memory.</summary>
internal interface ILibraryMmu
{
    /// <summary>Its memory.</summary>
    SharedMemory Memory { get; }
}

/// <summary>The library's MMU, with timing that notes where data goes, or without timing.</summary>
/// <remarks>
/// Only an MMU without timing uses its host cache, and it is told nothing of what passes through that. What it has just used it
/// still holds, so the translation after an access is the one the access took; the bytes are compared with memory there.
/// </remarks>
internal sealed class LibraryMmu<TTiming>(
    Mmu<RamBus, TTiming> mmu, SharedMemory memory, MmuCaching caching, DataTrace trace) : IMmuAdapter, ILibraryMmu, IDisposable
    where TTiming : struct, ITiming
{
    private const uint PageSize = 4096;

    private readonly RamBus _bus = new(memory.Ram);
    private bool _a20Masked;

    public SharedMemory Memory => memory;

    public MmuCaching Caching => caching;

    public void ReadPhysical(ulong address, Span<byte> bytes) => _bus.Read(address, bytes);

    public void WritePhysical(ulong address, ReadOnlySpan<byte> bytes) => _bus.Write(address, bytes);

    public ulong ReadRegister(SpecRegister which) => which switch
    {
        SpecRegister.Cr0 => (uint)mmu.Cr0,
        SpecRegister.Cr3 => mmu.Cr3,
        SpecRegister.Cr4 => (uint)mmu.Cr4,
        SpecRegister.Efer => (ulong)mmu.Efer,
        _ => mmu.Pat,
    };

    public bool WriteRegister(SpecRegister which, ulong value) => which switch
    {
        SpecRegister.Cr0 => mmu.WriteCr0((uint)value),
        SpecRegister.Cr3 => mmu.WriteCr3((uint)value),
        SpecRegister.Cr4 => mmu.WriteCr4((uint)value),
        SpecRegister.Efer => mmu.WriteEfer(value),
        _ => mmu.WritePat(value),
    };

    public SpecOutcome Translate(uint linear, SpecAccess access) => mmu.Translate(linear, access.ToLibrary()).ToSpec();

    public SpecOutcome Probe(uint linear, SpecAccess access) => mmu.Probe(linear, access.ToLibrary()).ToSpec();

    public void InvalidatePage(uint linear) => mmu.Invlpg(linear);

    public SpecInstruction Invpcid(uint type, ulong low, ulong high) => mmu.Invpcid(type, low, high).ToSpec();

    public SpecTaskSwitch SwitchTask(uint cr3) => mmu.SwitchTask(cr3).ToSpec();

    public void SetA20Masked(bool masked)
    {
        _a20Masked = masked;
        mmu.SetA20Masked(masked);
    }

    /// <summary>A change of A20M# drops everything and needs nothing of the registers.</summary>
    public void FlushAll()
    {
        mmu.SetA20Masked(!_a20Masked);
        mmu.SetA20Masked(_a20Masked);
    }

    public SpecOutcome Access(
        uint linear, SpecAccess access, ReadOnlySpan<byte> value, Span<byte> found, Span<ulong> pages)
    {
        trace.Clear();
        Access asked = access.ToLibrary();
        AccessResult result = Operand.Access(mmu, linear, asked, value, found);
        return Located(result, linear, asked, value.Length, pages);
    }

    public SpecOutcome CompareExchange(
        uint linear, SpecAccess access, int size, ulong expected, ulong desired, Span<ulong> pages, out bool swapped)
    {
        trace.Clear();
        Access asked = access.ToLibrary();
        AccessResult result = size == sizeof(ulong)
            ? mmu.CompareExchange(linear, asked, expected, desired, out swapped)
            : mmu.CompareExchange(linear, asked, (uint)expected, (uint)desired, out swapped);
        return Located(result, linear, asked, size, pages);
    }

    public void Dispose() => memory.Return();

    /// <summary>Where the data was; both halves of a read-modify-write must have been at the same place.</summary>
    private SpecOutcome Located(AccessResult result, uint linear, Access access, int size, Span<ulong> pages)
    {
        if (result.IsFault)
        {
            return trace.Count == 0
                ? SpecOutcome.PageFault((uint)result.Fault.ErrorCode, result.Fault.Cr2)
                : throw new InvalidOperationException($"an access that faults has accessed data at {trace[0]:X}");
        }

        uint last = linear + (uint)size - 1;
        int count = (linear ^ last) >= PageSize ? 2 : 1;
        if (typeof(TTiming) == typeof(NoTiming))
        {
            trace.Add(mmu.Translate(linear, access).PhysicalAddress);
            if (count == 2)
            {
                trace.Add(mmu.Translate(last & ~(PageSize - 1), access).PhysicalAddress);
            }
        }

        for (int i = 0; i < trace.Count; i++)
        {
            pages[i % count] = trace[i % count];
            if (trace[i] != trace[i % count])
            {
                throw new InvalidOperationException($"one access has accessed data at {trace[i % count]:X} and at {trace[i]:X}");
            }
        }

        return SpecOutcome.Translated(trace[0]);
    }
}
