// A guest with one page directory and two page tables, so that every kind of entry can go stale:
//
//   PDPT 1000h    directory 2000h    tables 3000h and 4000h
//
// Linear addresses 0 to 1F_FFFFh go through directory entry 0; all pages not mapped here are absent.

using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Reference;
using X86Pae.Reference.Library;
using X86Pae.Tlb;

namespace X86Pae.Tests;

/// <summary>
/// A guest in PAE paging with WP, PGE and NXE, whose tables the test edits without invalidating. Its caches never lose an entry
/// unless the test gives others.
/// </summary>
internal sealed class StaleGuest
{
    public const uint Table = 0x3000;
    public const uint OtherTable = 0x4000;
    public const ulong Flags = 0x67; // P, R/W, U/S, A, D
    public const ulong Global = 0x100;
    public const ulong LargePage = 0x80;

    private const uint Pdpt = 0x1000;
    private const uint Directory = 0x2000;

    public StaleGuest(
        bool splinters = false, PagingOptions? options = null, GuestMemory? memory = null, TlbConfiguration? tlbs = null)
    {
        Memory = memory ?? new GuestMemory(0x10_0000);
        tlbs ??= new CacheSetup(CachePolicy.Ample, splinters, Seed: 0).ToLibrary([]);
        Mmu = new Mmu<RamBus, NoTiming>(new RamBus(Memory), default, CpuFeatures.Full40, tlbs, options);
        Store(Pdpt, Directory | 1);
        SetPde(Table | Flags);
        Assert.True(Mmu.WriteEfer((ulong)Efer.ExecuteDisableEnable));
        Assert.True(Mmu.WriteCr3(Pdpt));
        Assert.True(Mmu.WriteCr4((uint)(Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable)));
        Assert.True(Mmu.WriteCr0((uint)(Cr0.Paging | Cr0.ProtectionEnable | Cr0.WriteProtect)));
    }

    public GuestMemory Memory { get; }

    public Mmu<RamBus, NoTiming> Mmu { get; }

    public void SetPde(ulong entry) => Store(Directory, entry);

    public ulong Pde => Load(Directory);

    public void SetPdpte(ulong entry) => Store(Pdpt, entry);

    public void SetPte(uint linear, ulong entry, uint table = Table) => Store(table + (8 * (linear >> 12)), entry);

    public ulong Pte(uint linear, uint table = Table) => Load(table + (8 * (linear >> 12)));

    /// <summary>The frame that an access to an address reaches; it must not fault.</summary>
    public ulong FrameOf(uint linear, Access access = default)
    {
        WalkResult result = Mmu.Translate(linear, access);
        Assert.False(result.IsFault, $"{linear:X}: {result.Fault}");
        return result.PhysicalAddress & ~0xFFFUL;
    }

    /// <summary>The error code of an access to an address; it must fault.</summary>
    public PageFaultErrorCode ErrorOf(uint linear, Access access = default)
    {
        WalkResult result = Mmu.Translate(linear, access);
        Assert.True(result.IsFault, $"{linear:X}: {result.PhysicalAddress:X}");
        return result.Fault.ErrorCode;
    }

    private ulong Load(uint address) => new RamBus(Memory).Load<ulong>(address);

    private void Store(uint address, ulong value) => new RamBus(Memory).Store(address, value);
}
