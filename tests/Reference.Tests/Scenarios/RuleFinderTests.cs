using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Reference.Library;
using X86Pae.Reference.Specification;
using X86Pae.Tlb;

namespace X86Pae.Reference.Tests.Scenarios;

/// <summary>Known deviations of other emulators, which the library can imitate, are reported as breaches of their rules.</summary>
public sealed class RuleFinderTests
{
    private static readonly MemoryPool Memories = new();

    public static TheoryData<string, string> Deviations => new()
    {
        { nameof(PagingOptions.ReservedFaultReportsPresent), "C32" },
        { nameof(PagingOptions.FaultInvalidates), "C56" },
        { nameof(PagingOptions.ImplicitHonoursAlignmentCheck), "C34" },
        { nameof(PagingOptions.ChecksControlRegisters), "C72" },
        { nameof(PagingOptions.PdpteLoadWidth), "C05" },
        { nameof(PagingOptions.ReservesPatBit), "C10" },
        { nameof(PagingOptions.FaultAccessedPolicy), "C41" },
    };

    [Theory]
    [MemberData(nameof(Deviations))]
    public void Check_KnownDeviation_IsReportedAsABreachOfItsRule(string option, string rule)
    {
        var profile = new MmuProfile
        {
            Capabilities = MmuCapabilities.PaePaging | MmuCapabilities.RegisterChecks | MmuCapabilities.Attributes,
            Features = new SpecFeatures(36) { Pat = false, Smep = false },
        };

        ConformanceReport report = Conformance.Check(setup => Create(setup, Deviating(option)), profile, seed: 11, cases: 60_000);

        Assert.False(report.Passes);
        Assert.All(report.Failures, failure => Assert.Equal(rule, failure.Rule?.Name));
    }

    private static PagingOptions Deviating(string option) => option switch
    {
        nameof(PagingOptions.ReservedFaultReportsPresent) => new PagingOptions { ReservedFaultReportsPresent = false },
        nameof(PagingOptions.FaultInvalidates) => new PagingOptions { FaultInvalidates = false },
        nameof(PagingOptions.ImplicitHonoursAlignmentCheck) => new PagingOptions { ImplicitHonoursAlignmentCheck = true },
        nameof(PagingOptions.ChecksControlRegisters) => new PagingOptions { ChecksControlRegisters = false },
        nameof(PagingOptions.PdpteLoadWidth) => new PagingOptions { PdpteLoadWidth = 40 },
        nameof(PagingOptions.ReservesPatBit) => new PagingOptions { ReservesPatBit = false },
        _ => new PagingOptions { FaultAccessedPolicy = FaultAccessedPolicy.None },
    };

    private static LibraryMmu<NoTiming> Create(MmuSetup setup, PagingOptions options)
    {
        SharedMemory memory = Memories.Take(setup.MemorySizeInBytes, setup.OpenBus);
        TlbConfiguration tlbs = new CacheSetup(CachePolicy.Ample, SplintersLargePages: false, Seed: 0).ToLibrary([]);
        var mmu = new Mmu<RamBus, NoTiming>(new RamBus(memory.Ram), default, setup.Features.ToLibrary(), tlbs, options);
        return new LibraryMmu<NoTiming>(mmu, memory, MmuCaching.OnUse, new DataTrace());
    }
}
