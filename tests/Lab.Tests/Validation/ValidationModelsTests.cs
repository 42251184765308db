using X86Pae.Lab.Validation;
using X86Pae.Timing;

namespace X86Pae.Lab.Tests.Validation;

public sealed class ValidationModelsTests
{
    public static TheoryData<string> Names { get; } = [.. ValidationModels.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Find_ValidationModel_IsNamedLikeItsFileAndSaysWhereItsParametersComeFrom(string name)
    {
        CpuModel model = ValidationModels.Find(name)!;

        Assert.Equal(name, model.Name);
        Assert.Null(CpuModels.Find(name));
        Assert.NotEmpty(model.Description);
        Assert.All(model.ListParameters(), parameter => Assert.True(
            parameter.Parameter.Source.Length > 0
                && (parameter.Parameter.Confidence != Confidence.Estimated || parameter.Parameter.Low < parameter.Parameter.High),
            parameter.Name));
        Assert.All(model.TlbArrays.ListArrays(), array => Assert.NotEmpty(array.Array.Source));
    }

    [Fact]
    public void Find_BuiltInModel_IsTheBuiltInOne() => Assert.Same(CpuModels.CoreDuo, ValidationModels.Find("core-duo"));

    [Fact]
    public void Find_Unknown_IsNull() => Assert.Null(ValidationModels.Find("pentium"));

    [Fact]
    public void Names_EachIsUsedByATarget() => Assert.Equal(
        ValidationModels.Names,
        TargetList.All.SelectMany(target => target.Checks.Select(check => check.Model ?? target.Model!))
            .Where(name => CpuModels.Find(name) is null).Distinct().Order(StringComparer.Ordinal));
}
