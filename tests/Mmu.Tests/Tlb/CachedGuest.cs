using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

/// <summary>A guest with PAE paging on, global pages and NX, whose tables the test edits behind the MMU's back.</summary>
internal sealed class CachedGuest
{
    private const ulong Flags = EntryBits.Present | EntryBits.Writable | EntryBits.User | EntryBits.Accessed;
    private const uint Pdpt = 0x1000;
    private const ulong FirstTable = 0x1_0000;

    private readonly RamBus _memory;
    private ulong _nextTable = FirstTable;

    public CachedGuest(TlbConfiguration? tlbs = null, PagingOptions? options = null, Cr4 more = 0)
    {
        var memory = new GuestMemory(64 << 20);
        _memory = new RamBus(memory);
        for (uint i = 0; i < 4; i++)
        {
            _memory.Store(Pdpt + (8 * i), (0x2000ul + (i << 12)) | EntryBits.Present);
        }

        for (ulong page = 0; page < 64; page++)
        {
            _memory.Store(Frame(page), page);
        }

        Walks = new WalkCounter();
        Mmu = new Mmu<RamBus, WalkCounting>(
            _memory, new WalkCounting(Walks), CpuFeatures.Full40, tlbs ?? TlbConfiguration.MaximallyStale, options);
        Assert.True(Mmu.WriteEfer((ulong)Efer.ExecuteDisableEnable));
        Assert.True(Mmu.WriteCr3(Pdpt));
        Assert.True(Mmu.WriteCr4((uint)(Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable | more)));
        Assert.True(Mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging | Cr0.WriteProtect)));
    }

    public Mmu<RamBus, WalkCounting> Mmu { get; }

    public WalkCounter Walks { get; }

    /// <summary>Physical address of data page n, which holds its number.</summary>
    public static ulong Frame(ulong n) => (32 << 20) + (n << 12);

    public static ulong PdeAddress(uint linear) => 0x2000ul + (linear >> 30 << 12) + (8 * ((linear >> 21) & 511));

    public ulong PteAddress(uint linear)
    {
        ulong pde = _memory.Load<ulong>(PdeAddress(linear));
        if ((pde & EntryBits.Present) == 0)
        {
            pde = NewTable() | Flags;
            _memory.Store(PdeAddress(linear), pde);
        }

        return (pde & EntryBits.Frame) + (8 * ((linear >> 12) & 511));
    }

    public ulong NewTable()
    {
        ulong table = _nextTable;
        _nextTable += 4096;
        return table;
    }

    public ulong Entry(ulong address) => _memory.Load<ulong>(address);

    public void SetEntry(ulong address, ulong entry) => _memory.Store(address, entry);

    /// <summary>Maps a linear page to data page n: P, R/W, U/S, A, and more.</summary>
    public void Map(uint linear, ulong n, ulong more = 0) => SetEntry(PteAddress(linear), Frame(n) | Flags | more);

    /// <summary>The number of the data page that a supervisor's load finds, or null for a page fault.</summary>
    public ulong? Read(uint linear) => Mmu.Read(linear, Access.SupervisorRead, out ulong page).IsFault ? null : page;

    public ulong? Fetch(uint linear) => Mmu.Read(linear, Access.SupervisorFetch, out ulong page).IsFault ? null : page;

    public bool CanWrite(uint linear) => !Mmu.Write(linear + 8, Access.SupervisorWrite, 1).IsFault;
}
