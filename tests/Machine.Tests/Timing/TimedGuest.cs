using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Tests.Timing;

/// <summary>A guest on a timed processor with PAE paging on and consecutive pages mapped, A and D set.</summary>
internal sealed class TimedGuest
{
    private const uint Base = 0x4000_0000;
    private const uint Directory = 0x2000;
    private const uint Tables = 0x10_0000;
    private const uint Frames = 0x100_0000;
    private const ulong Flags = EntryBits.Present | EntryBits.Writable | EntryBits.Accessed | EntryBits.Dirty;

    public TimedGuest(CpuModel model, int pages)
    {
        var bus = new RamBus(new GuestMemory(256 << 20));
        bus.Store(0x1000 + 8, Directory | EntryBits.Present);
        for (uint page = 0; page < pages; page++)
        {
            uint table = Tables + (page / 512 * 4096);
            bus.Store(Directory + (page / 512 * 8), table | Flags);
            bus.Store(table + (page % 512 * 8), (Frames + (page * 4096)) | Flags);
        }

        Clock = new ProcessorClock(model);
        Mmu = new Mmu<RamBus, CycleTiming>(bus, new CycleTiming(Clock), CpuFeatures.Pae36, model.Tlbs);
        Assert.True(Mmu.WriteCr3(0x1000));
        Assert.True(Mmu.WriteCr4((uint)Cr4.PhysicalAddressExtension));
        Assert.True(Mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging)));
    }

    public ProcessorClock Clock { get; }

    public Mmu<RamBus, CycleTiming> Mmu { get; }

    public long Load(int page) => Cycles(page, Access.SupervisorRead);

    public long Fetch(int page) => Cycles(page, Access.SupervisorFetch);

    public long Store(int page)
    {
        long start = Clock.Now;
        Assert.False(Mmu.Write(Address(page), Access.SupervisorWrite, (byte)0).IsFault);
        return Clock.Now - start;
    }

    /// <summary>MOV CR3: nothing is left in the TLBs, and the data caches are as they were.</summary>
    public void FlushTlbs() => Assert.True(Mmu.WriteCr3(0x1000));

    // Each page in a line set of its own, so that nothing but capacity evicts a line.
    private static uint Address(int page) => Base + ((uint)page * 4096) + ((uint)page % 64 * 64);

    private long Cycles(int page, Access access)
    {
        long start = Clock.Now;
        Assert.False(Mmu.Read(Address(page), access, out byte _).IsFault);
        return Clock.Now - start;
    }
}
