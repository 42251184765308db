using X86Pae.CheckYourMmu;
using X86Pae.Reference.Library;
using X86Pae.Reference.Specification;
using X86Pae.Tlb;

namespace X86Pae.Reference.Tests;

/// <summary>The check of a stranger's MMU, on the plain pager of samples/CheckYourMmu.</summary>
public sealed class ConformanceTests
{
    [Fact]
    public void Check_PlainPager_PassesAndSaysWhatWasLeftOut()
    {
        ConformanceReport report = Check(Mistake.None, 50_000);

        Assert.True(report.Passes, report.ToString());
        Assert.Equal(50_000, report.Passed + report.LeftOut.Values.Sum());
        Assert.True(report.Passed > 30_000, $"{report.Passed} passed");
        Assert.Contains("accesses to data, in one page or two", report.LeftOut.Keys);
        Assert.Contains("SMEP", report.NotChecked);
        Assert.DoesNotContain("NX", report.NotChecked);
        Assert.True(report.Outcomes is { Translated: > 1_000, NotPresent: > 1_000, Reserved: > 500, Denied: > 500 }, $"{report.Outcomes}");
    }

    // The numbers are those of docs/rules.md.
    [Theory]
    [InlineData((int)Mistake.ReservedBits, "C14", 5)]
    [InlineData((int)Mistake.WriteProtect, "C21", 5)]
    [InlineData((int)Mistake.CleanPage, "C44", 7)]
    [InlineData((int)Mistake.LargePage, "C52", 8)]
    public void Check_PlantedMistake_NamesTheRuleWithFewSteps(int mistake, string rule, int steps)
    {
        ConformanceReport report = Check((Mistake)mistake, 200_000);

        Assert.False(report.Passes);
        ConformanceFailure smallest = report.Failures[0];
        Assert.Equal(rule, smallest.Rule?.Name);
        Assert.InRange(smallest.Steps.Count, 1, steps);
    }

    [Fact]
    public void Check_SameSeed_MakesTheSameReport() =>
        Assert.Equal(Check(Mistake.WriteProtect, 5_000).ToString(), Check(Mistake.WriteProtect, 5_000).ToString());

    // An MMU of one kind of paging, with other features and nothing cached: whatever a profile says, nothing else is asked.
    [Theory]
    [InlineData(MmuCapabilities.TwoLevelPaging)]
    [InlineData(MmuCapabilities.PaePaging)]
    [InlineData(MmuCapabilities.PaePaging | MmuCapabilities.TwoLevelPaging | MmuCapabilities.Attributes | MmuCapabilities.Operands)]
    public void Check_LibraryBehindASmallerProfile_Passes(MmuCapabilities capabilities)
    {
        var mmus = new LibraryMmuFactory([TlbConfiguration.Coherent]);
        var profile = new MmuProfile
        {
            Capabilities = capabilities,
            Features = new SpecFeatures(40) { Smap = false },
            Options = new SpecOptions { AccessedOnlyOnSuccess = true },
        };

        ConformanceReport report = Conformance.Check(mmus.Create, profile, seed: 3, cases: 20_000);

        Assert.True(report.Passes, report.ToString());
        Assert.True(report.Outcomes.Translated > 500, $"{report.Outcomes}");
    }

    [Fact]
    public void Check_AdapterThrows_IsAFailureWithoutARule()
    {
        ConformanceReport report = Conformance.Check(_ => new Broken(), new MmuProfile(), seed: 1, cases: 64);

        Assert.Equal(1, report.Failed);
        Assert.Null(report.Failures[0].Rule);
        Assert.Contains("out of order", report.Failures[0].Mismatch, StringComparison.Ordinal);
        Assert.Contains("FAILED (no rule can be told)", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_OfAReport_HasTotalsWhatWasLeftOutAndOneFailureForEachRule()
    {
        ConformanceFailure Failure(string which, Rule? rule) =>
            new(which, rule, $"wrong; permitted:{Environment.NewLine}    nothing", "MAXPHYADDR 36, PAE", ["CPU 0: CR3 = 20", "CPU 0: INVLPG 00001000"]);
        var report = new ConformanceReport("Random scenarios from seed 5", PagerProfile)
        {
            Scenarios = 2,
            Passed = 100,
            Failed = 3,
            LeftOut = new SortedDictionary<string, long> { ["A20M#"] = 1, ["INVPCID"] = 24 },
            Failures = [Failure("scenario 1", Rule.WriteProtect), Failure("scenario 7", Rule.WriteProtect), Failure("scenario 9", null)],
        };

        Assert.False(report.Passes);
        Assert.Equal(
            """
            Random scenarios from seed 5: 100 passed, 3 failed, 25 left out
              left out: 1 of A20M#
              left out: 24 of INVPCID
              not declared, and so not checked: PSE-36, SMEP, SMAP, INVPCID, two-level paging, attributes of pages, accesses to data, task switches, A20M#, several processors

            FAILED C21: CR0.WP concerns the supervisor alone (Intel SDM vol. 3, 4.1.3, 4.6.1)
              scenario 1: wrong; permitted:
                  nothing
              MAXPHYADDR 36, PAE
                CPU 0: CR3 = 20
                CPU 0: INVLPG 00001000

            FAILED (no rule can be told)
              scenario 9: wrong; permitted:
                  nothing
              MAXPHYADDR 36, PAE
                CPU 0: CR3 = 20
                CPU 0: INVLPG 00001000
            """.ReplaceLineEndings(),
            report.ToString());
    }

    [Fact]
    public void Check_NoKindOfPaging_Throws() => Assert.Throws<ArgumentException>(
        "profile", () => Conformance.Check(_ => new Broken(), new MmuProfile { Capabilities = MmuCapabilities.None }, 1, 1));

    [Fact]
    public void Check_NoCases_Throws() => Assert.Throws<ArgumentOutOfRangeException>(
        "cases", () => Conformance.Check(_ => new Broken(), new MmuProfile(), 1, 0));

    internal static MmuProfile PagerProfile { get; } = new()
    {
        Capabilities = MmuCapabilities.PaePaging | MmuCapabilities.RegisterChecks,
        Features = new SpecFeatures(52) { Pse36 = false, Smep = false, Smap = false, Invpcid = false },
        FeaturesAreFixed = false,
        MaxMemorySizeInBytes = 1UL << 40,
    };

    private static ConformanceReport Check(Mistake mistake, long cases) =>
        Conformance.Check(setup => new PlainPager(setup, mistake), PagerProfile, seed: 1, cases);

    private sealed class Broken : IMmuAdapter
    {
        public void ReadPhysical(ulong address, Span<byte> bytes) => bytes.Clear();

        public void WritePhysical(ulong address, ReadOnlySpan<byte> bytes)
        {
        }

        public ulong ReadRegister(SpecRegister which) => throw new InvalidOperationException("out of order");

        public bool WriteRegister(SpecRegister which, ulong value) => throw new InvalidOperationException("out of order");

        public SpecOutcome Translate(uint linear, SpecAccess access) => throw new InvalidOperationException("out of order");

        public void InvalidatePage(uint linear)
        {
        }

        public void FlushAll()
        {
        }
    }
}
