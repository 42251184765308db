using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Tests;

/// <summary>Nothing on a translate, read, write or invalidate path allocates, faults included.</summary>
[Trait("Category", "Long")]
public sealed class MmuAllocationTests
{
    private const int Operations = 1_000_000;
    private const ulong Flags = EntryBits.Present | EntryBits.Writable;

    public static TheoryData<string> Configurations { get; } =
        new("coherent", "functional", "finite", "two levels", "stale", "randomized", "splintered");

    [Theory]
    [MemberData(nameof(Configurations))]
    public void MillionMixedOperations_Functional_AllocateNothing(string configuration)
    {
        var memory = new GuestMemory(16 << 20);
        var mmu = new Mmu<RamBus, NoTiming>(new RamBus(memory), default, CpuFeatures.Full40, Tlbs(configuration));

        Assert.Equal(0, Measure(mmu, memory));
    }

    [Fact]
    public void MillionMixedOperations_Timed_AllocateNothing()
    {
        var memory = new GuestMemory(16 << 20);
        var timing = new CycleTiming(new ProcessorClock(CpuModels.CoreDuo));
        var mmu = new Mmu<RamBus, CycleTiming>(new RamBus(memory), timing, CpuFeatures.Full40, CpuModels.CoreDuo.Tlbs);

        Assert.Equal(0, Measure(mmu, memory));
    }

    private static TlbConfiguration Tlbs(string configuration) => configuration switch
    {
        "coherent" => TlbConfiguration.Coherent,
        "functional" => TlbConfiguration.Functional,
        "finite" => CpuModels.CoreDuo.Tlbs,
        "two levels" => CpuModels.Find("skylake")!.Tlbs,
        "stale" => TlbConfiguration.MaximallyStale,
        "randomized" => TlbConfiguration.Randomized(seed: 1),
        _ => CpuModels.CoreDuo.Tlbs with { SplintersLargePages = true },
    };

    private static long Measure<TTiming>(Mmu<RamBus, TTiming> mmu, GuestMemory memory)
        where TTiming : struct, ITiming
    {
        var bus = new RamBus(memory);
        bus.Store(0x1000, 0x2000 | EntryBits.Present);
        bus.Store(0x2000, 0x3000 | Flags | EntryBits.User);
        bus.Store(0x2008, 0x40_0000 | Flags | EntryBits.LargePage);
        for (ulong page = 0; page < 256; page++)
        {
            bus.Store(0x3000 + (8 * page), (0x10_0000 + (page << 12)) | (page % 7 == 0 ? 0 : Flags) | (page % 5 == 0 ? 4u : 0));
        }

        Assert.True(mmu.WriteCr3(0x1000));
        Assert.True(mmu.WriteCr4((uint)(Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable)));
        Assert.True(mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.WriteProtect | Cr0.Paging)));

        uint faults = 0;
        uint pages = 0;
        uint[] addresses = new uint[8];
        var results = new WalkResult[addresses.Length];
        var increment = default(Increment);
        var update = new Access(AccessKind.ReadModifyWrite, AccessMode.Supervisor);
        long allocated = Allocation.Of(Operations, i =>
        {
            uint linear = ((uint)i * 0x9E3779B1u) >> 10; // 4 MiB: small pages, then a large one
            AccessResult result = default;
            switch (i % 15)
            {
                case 0: result = mmu.Write(linear, Access.SupervisorWrite, 1u); break;
                case 1: result = mmu.Read(linear, Access.UserRead, out ulong _); break;
                case 2: result = mmu.Read(linear, Access.SupervisorFetch, out byte _); break;
                case 3: mmu.Invlpg(linear); break;
                case 4: mmu.WriteCr3(0x1000); break;
                case 5: mmu.Probe(linear, Access.UserWrite); break;
                case 6: result = mmu.Update(linear, update, ref increment, out uint _); break;
                case 7: result = mmu.CompareExchange(linear & ~7u, update, 0UL, 1UL, out _); break;
                case 8: mmu.Invpcid((uint)i & 3, 0, linear); break;
                case 9: mmu.WriteCr4((uint)(mmu.Cr4 ^ Cr4.PageGlobalEnable)); break;
                case 10:
                    Span<byte> bytes = stackalloc byte[16];
                    result = mmu.Read(linear, Access.SupervisorRead, bytes);
                    break;
                case 11:
                    Span<byte> stored = stackalloc byte[24]; // now and then over two pages
                    result = mmu.Write(linear, Access.SupervisorWrite, stored);
                    break;
                case 12:
                    result = mmu.GetPage(linear, Access.SupervisorRead, out GuestPage page);
                    pages += mmu.IsCurrent(page) && page.Bytes.Length == GuestPage.SizeInBytes ? 1u : 0;
                    break;
                case 13:
                    addresses[i % addresses.Length] = linear; // several pages, some of them translated before
                    mmu.TranslateMany(addresses, Access.UserRead, results);
                    break;
                default: mmu.Translate(linear, Access.UserWrite); break;
            }

            faults += result.IsFault ? 1u : 0;
        });

        Assert.True(faults > Operations / 100);
        Assert.True(pages > Operations / 100);
        Assert.Contains(results, translation => translation.IsFault);
        Assert.Contains(results, translation => !translation.IsFault);
        return allocated;
    }

    private readonly struct Increment : IMemoryUpdate<uint>
    {
        public uint Apply(uint value) => value + 1;
    }
}
