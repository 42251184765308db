using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Explaining;

/// <summary>
/// An MMU with translation caches over 64 KiB of tables: PDPT at 1000h, directories from 2000h, page table at 6000h; in two-level
/// paging the directory is at 1000h.
/// </summary>
internal sealed class ExplainedGuest
{
    public const uint Pdpt = 0x1000;
    public const uint Table = 0x6000;
    public const ulong Used = 0x67;

    private readonly RamBus _bus;
    private readonly bool _pae;

    public ExplainedGuest(TlbConfiguration tlbs, PagingOptions? options = null, Cr4 cr4 = Cr4.PageGlobalEnable, bool pae = true)
    {
        _pae = pae;
        _bus = new RamBus(new GuestMemory(0x1_0000));
        Mmu = new Mmu<RamBus, CountingTiming>(_bus, new CountingTiming(Counts), CpuFeatures.Full40, tlbs, options);
        for (uint i = 0; pae && i < 4; i++)
        {
            this[Pdpt + (8 * i)] = 0x2001 + (0x1000 * i);
        }

        Assert.True(Mmu.WriteEfer((ulong)Efer.ExecuteDisableEnable));
        Assert.True(Mmu.WriteCr4((uint)(cr4 | (pae ? Cr4.PhysicalAddressExtension : Cr4.PageSizeExtensions))));
        Assert.True(Mmu.WriteCr3(Pdpt));
        Assert.True(Mmu.WriteCr0((uint)(Cr0.Paging | Cr0.ProtectionEnable | Cr0.WriteProtect)));
    }

    public WalkCounts Counts { get; } = new();

    public Mmu<RamBus, CountingTiming> Mmu { get; }

    public byte[] Memory
    {
        get
        {
            byte[] memory = new byte[0x1_0000];
            for (uint page = 0; page < memory.Length; page += 0x1000)
            {
                _bus.Read(page, memory.AsSpan((int)page, 0x1000));
            }

            return memory;
        }
    }

    public ulong this[ulong address]
    {
        get => _bus.LoadEntry64(address);
        set => _bus.Store(address, value);
    }

    public ulong PdeAddress(uint linear) => _pae
        ? 0x2000 + (0x1000 * (linear >> 30)) + (8 * ((linear >> 21) & 0x1FF))
        : Pdpt + (4 * (linear >> 22));

    public ulong PteAddress(uint linear) => Table + (_pae ? 8 * ((linear >> 12) & 0x1FF) : 4 * ((linear >> 12) & 0x3FF));

    public void Map(uint linear, ulong pte)
    {
        this[PdeAddress(linear)] = Table | Used;
        this[PteAddress(linear)] = pte;
    }
}
