using System.Text.Json;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Tests.Timing;

public sealed class BuiltInModelTests
{
    private static readonly string[] Names =
    [
        "pentium3-katmai", "pentium3-tualatin", "pentium4-northwood", "pentium4-prescott", "pentium-m-dothan",
        "yonah-celeron215", "core-duo", "core2-conroe", "core2-yorkfield", "nehalem-lynnfield", "sandybridge", "haswell",
        "skylake", "k8-manchester", "k10-thuban", "zen1",
    ];

    public static TheoryData<string> AllNames { get; } = [.. Names];

    // L1, L2, L3, DRAM, fixed part of a walk, LOCK, INVLPG, MOV CR3, PGE toggle, transcribed from the sources that the models name.
    public static TheoryData<string, int[]> Costs { get; } = new()
    {
        { "pentium3-katmai", [3, 22, 0, 140, 2, 21, 140, 145, 700] },
        { "pentium3-tualatin", [3, 8, 0, 186, 2, 21, 140, 145, 700] },
        { "pentium4-northwood", [2, 19, 0, 350, 12, 124, 420, 420, 2000] },
        { "pentium4-prescott", [4, 28, 0, 372, 8, 89, 450, 480, 2200] },
        { "pentium-m-dothan", [3, 10, 0, 183, 2, 21, 150, 150, 750] },
        { "core-duo", [3, 14, 0, 235, 2, 21, 150, 150, 750] },
        { "core2-conroe", [3, 14, 0, 235, 4, 27, 200, 120, 800] },
        { "core2-yorkfield", [3, 15, 0, 264, 4, 20, 200, 120, 800] },
        { "nehalem-lynnfield", [4, 10, 40, 198, 5, 20, 232, 108, 828] },
        { "haswell", [4, 12, 36, 260, 5, 19, 216, 124, 960] },
        { "skylake", [4, 12, 40, 195, 5, 18, 200, 125, 950] },
        { "k8-manchester", [3, 13, 0, 165, 8, 19, 94, 127, 589] },
        { "zen1", [4, 17, 43, 340, 15, 20, 150, 130, 600] },
    };

    // Sets and ways of the data arrays for 4-KiB pages, as CPUID enumerates them on those processors.
    public static TheoryData<string, int, int, int, int> DataTlbs { get; } = new()
    {
        { "pentium3-katmai", 16, 4, 0, 0 },
        { "pentium4-northwood", 1, 64, 0, 0 },
        { "pentium-m-dothan", 32, 4, 0, 0 },
        { "core2-conroe", 64, 4, 0, 0 },
        { "nehalem-lynnfield", 16, 4, 128, 4 },
        { "haswell", 16, 4, 128, 8 },
        { "skylake", 16, 4, 128, 12 },
        { "k8-manchester", 1, 32, 128, 4 },
        { "k10-thuban", 1, 48, 128, 4 },
        { "zen1", 1, 64, 128, 12 },
    };

    [Fact]
    public void All_HasEveryModelInOrder() => Assert.Equal(Names, CpuModels.All.Select(model => model.Name));

    [Fact]
    public void EmbeddedFiles_AreTheModels() => Assert.Equal(
        Names.Select(name => $"X86Pae.Timing.Models.{name}.json").Order(),
        typeof(CpuModels).Assembly.GetManifestResourceNames().Where(name => name.Contains(".Models.", StringComparison.Ordinal)).Order());

    [Theory]
    [MemberData(nameof(AllNames))]
    public void Find_Name_IsAValidModelOfThatName(string name)
    {
        CpuModel model = CpuModels.Find(name)!;

        Assert.Equal(name, model.Name);
        Assert.NotEmpty(model.Description);
        CpuModelValidation.Validate(model);
        Assert.NotNull(model.Tolerance);
        Assert.Equal(model.L3 ?? model.L2, model.FindLastLevelCache());
        _ = new TimedGuest(model, 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Core-Duo")]
    [InlineData("core")]
    public void Find_UnknownName_IsNull(string name) => Assert.Null(CpuModels.Find(name));

    // An estimate without its range cannot be swept; a value is one of its range.
    [Theory]
    [MemberData(nameof(AllNames))]
    public void Parameters_EachHasASourceAndAnEstimateHasARange(string name)
    {
        foreach ((string parameterName, Parameter parameter) in CpuModels.Find(name)!.ListParameters())
        {
            Assert.False(string.IsNullOrWhiteSpace(parameter.Source), parameterName);
            Assert.True(
                parameter.Confidence != Confidence.Estimated || (parameter.Low < parameter.High), $"{parameterName} has no range");
        }
    }

    [Fact]
    public void ListParameters_HasEveryPropertyOfThatType()
    {
        Parameter any = CpuModels.CoreDuo.Cli;
        CpuModel full = CpuModels.Find("zen1")! with
        {
            LoadLevelMiss = any, RefillChargedInPercent = any, IpiWireFar = any, IpiWireSmt = any,
        };
        IEnumerable<string> properties = typeof(CpuModel).GetProperties()
            .Where(property => property.PropertyType == typeof(Parameter))
            .Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name));

        Assert.Equal(
            properties.Concat(["l1.loadToUse", "l2.loadToUse", "l3.loadToUse"]).Order(),
            full.ListParameters().Select(parameter => parameter.Name).Order());
    }

    [Fact]
    public void With_OtherArrays_HasTheirConfiguration()
    {
        CpuModel model = CpuModels.CoreDuo;
        Assert.Equal(32, model.Tlbs.Data4K.Sets);

        Assert.Equal(TlbConfiguration.Coherent, (model with { TlbArrays = new() }).Tlbs);
    }

    [Theory]
    [MemberData(nameof(Costs))]
    public void Costs_AreThoseOfTheTable(string name, int[] expected)
    {
        CpuModel model = CpuModels.Find(name)!;

        Assert.Equal(
            expected,
            (int[])[
                model.L1.LoadToUse.Value, model.L2.LoadToUse.Value, model.L3?.LoadToUse.Value ?? 0, model.Dram.Value,
                model.WalkFixed.Value, model.LockedRmw.Value, model.Invlpg.Value, model.MovCr3.Value, model.PgeTogglePair.Value,
            ]);
    }

    [Theory]
    [MemberData(nameof(DataTlbs))]
    public void DataTlbs_AreThoseOfTheTable(string name, int sets, int ways, int secondSets, int secondWays)
    {
        TlbConfiguration tlbs = CpuModels.Find(name)!.Tlbs;

        Assert.Equal((sets, ways), (tlbs.Data4K.Sets, tlbs.Data4K.Ways));
        Assert.Equal((secondSets, secondWays), (tlbs.SecondData4K.Sets, tlbs.SecondData4K.Ways));
    }

    // Every member of the description reaches the member of that name; a copy that forgot one would differ here.
    [Fact]
    public void Description_EachMember_ReachesTheConfiguration()
    {
        var shape = new TlbArray { Entries = 8, Ways = 2, Confidence = Confidence.Found, Source = "test" };
        var none = new TlbDescription();
        foreach (System.Reflection.PropertyInfo property in typeof(TlbDescription).GetProperties().Where(p => p.CanWrite))
        {
            TlbDescription one = none with { };
            property.SetValue(one, property.PropertyType == typeof(bool) ? true : shape);
            TlbConfiguration configuration = one.ToConfiguration();

            object? actual = typeof(TlbConfiguration).GetProperty(property.Name)!.GetValue(configuration);
            Assert.Equal(property.PropertyType == typeof(bool) ? true : new TlbGeometry(4, 2), actual);
            Assert.NotEqual(none.ToConfiguration(), configuration);
            Assert.Equal(property.PropertyType == typeof(bool) ? 0 : 1, one.ListArrays().Count());
        }
    }

    [Fact]
    public void SecondLevelOfSkylake_HasTheIndexAndReplacementThatWereFound() => Assert.Equal(
        new TlbGeometry(128, 12, Replacement.ThreeTrees, SetIndex.Xor), CpuModels.Find("skylake")!.Tlbs.SecondData4K);

    // What a thread with a sibling has of the TLBs: instruction side, 4-KiB pages; of the others it has all, or shares all.
    [Theory]
    [InlineData("pentium4-northwood", 1, 64)]
    [InlineData("pentium4-prescott", 1, 64)]
    [InlineData("nehalem-lynnfield", 16, 4)]
    [InlineData("sandybridge", 16, 4)]
    [InlineData("haswell", 8, 8)]
    [InlineData("skylake", 8, 8)]
    [InlineData("zen1", 1, 64)]
    public void Siblings_OfAProcessorWithSmt_HaveWhatWasFound(string name, int sets, int ways)
    {
        CpuModel model = CpuModels.Find(name)!;
        TlbConfiguration each = model.Tlbs.ForSiblings();

        Assert.True(model.HasSiblings());
        Assert.All(model.TlbArrays.ListArrays(), array => Assert.False(string.IsNullOrWhiteSpace(array.Array.Siblings?.Source)));
        Assert.Equal((sets, ways), (each.Instruction4K.Sets, each.Instruction4K.Ways));
        Assert.Equal(model.Tlbs with { Instruction4K = each.Instruction4K }, each);
        Assert.Equal(
            (SiblingSharing.Shared, SiblingSharing.Shared, SiblingSharing.Shared),
            (each.Data4K.Siblings, each.DataLarge.Siblings, each.SecondData4K.Siblings));
    }

    [Theory]
    [InlineData("pentium3-katmai")]
    [InlineData("pentium3-tualatin")]
    [InlineData("pentium-m-dothan")]
    [InlineData("yonah-celeron215")]
    [InlineData("core-duo")]
    [InlineData("core2-conroe")]
    [InlineData("core2-yorkfield")]
    [InlineData("k8-manchester")]
    [InlineData("k10-thuban")]
    public void Siblings_OfAProcessorWithoutSmt_AreThereNot(string name) => Assert.False(CpuModels.Find(name)!.HasSiblings());

    [Theory]
    [InlineData("pentium4-northwood", true, true)]
    [InlineData("pentium4-prescott", true, true)]
    [InlineData("core-duo", false, false)]
    [InlineData("zen1", false, true)]
    public void WalksBypassL1_AndSharedSizes_AreThoseOfTheProcessor(string name, bool bypass, bool share)
    {
        CpuModel model = CpuModels.Find(name)!;

        Assert.Equal(
            (bypass, share, share), (model.WalksBypassL1, model.Tlbs.DataSizesShare, model.Tlbs.InstructionSizesShare));
    }
}
