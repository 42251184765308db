using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Tests.Timing;

public sealed class CpuModelTests
{
    private static readonly CpuModel Model = CpuModels.CoreDuo;

    [Fact]
    public void Find_Name_IsTheModelOrNull()
    {
        Assert.Same(Model, CpuModels.Find("core-duo"));
        Assert.Null(CpuModels.Find("Core-Duo"));
        Assert.Null(CpuModels.Find(""));
        Assert.Equal(CpuModels.All.Count, CpuModels.All.Select(model => model.Name).Distinct().Count());
    }

    [Fact]
    public void CoreDuo_Geometry_IsThatOfThePart()
    {
        Assert.Equal((2000, 64), (Model.FrequencyInMHz, Model.LineSizeInBytes));
        Assert.Equal((32, 8, 3), (Model.L1.SizeInKiB, Model.L1.Ways, Model.L1.LoadToUse.Value));
        Assert.Equal((2048, 8, 14), (Model.L2.SizeInKiB, Model.L2.Ways, Model.L2.LoadToUse.Value));
        Assert.Equal((new TlbGeometry(32, 4), new(1, 2, Replacement.Lru)), (Model.Tlbs.Instruction4K, Model.Tlbs.InstructionLarge));
        Assert.Equal((new TlbGeometry(32, 4), new(2, 4)), (Model.Tlbs.Data4K, Model.Tlbs.DataLarge));
        Assert.Equal(16, Model.Tlbs.PdeCache.Entries);
    }

    public static TheoryData<string, int, int, int> Costs { get; } = new()
    {
        { nameof(CpuModel.Dram), 235, 235, 235 },
        { nameof(CpuModel.WalkFixed), 2, 2, 2 },
        { nameof(CpuModel.AccessedDirtyAssist), 120, 60, 300 },
        { nameof(CpuModel.MovCr3), 150, 90, 250 },
        { nameof(CpuModel.Invlpg), 150, 70, 280 },
        { nameof(CpuModel.PgeTogglePair), 750, 400, 1100 },
        { nameof(CpuModel.LockedRmw), 21, 21, 21 },
        { nameof(CpuModel.PushfPopf), 24, 24, 24 },
        { nameof(CpuModel.Cli), 9, 5, 20 },
        { nameof(CpuModel.Sti), 17, 8, 35 },
        { nameof(CpuModel.PageFaultDelivery), 700, 700, 700 },
        { nameof(CpuModel.PageFaultReturn), 240, 240, 240 },
        { nameof(CpuModel.InterruptEntryUser), 600, 400, 900 },
        { nameof(CpuModel.InterruptEntry), 400, 250, 700 },
        { nameof(CpuModel.EoiAndHandlerEntry), 80, 40, 160 },
        { nameof(CpuModel.Eoi), 40, 20, 80 },
        { nameof(CpuModel.IcrWrite), 80, 40, 160 },
        { nameof(CpuModel.IcrIdleWait), 80, 0, 160 },
        { nameof(CpuModel.IpiWire), 250, 100, 500 },
        { nameof(CpuModel.AckTransfer), 60, 30, 120 },
    };

    [Theory]
    [MemberData(nameof(Costs))]
    public void CoreDuo_Cost_IsThatOfTheTable(string name, int value, int low, int high)
    {
        var parameter = (Parameter)typeof(CpuModel).GetProperty(name)!.GetValue(Model)!;

        Assert.Equal((value, low, high), (parameter.Value, parameter.Low ?? parameter.Value, parameter.High ?? parameter.Value));
        Assert.NotEmpty(parameter.Source);
    }

    [Fact]
    public void Costs_AreAllInTheTable()
    {
        Assert.Equal(
            typeof(CpuModel).GetProperties().Where(p => p.PropertyType == typeof(Parameter) && p.GetValue(Model) is not null).Select(p => p.Name).Order(),
            Costs.Select(row => (string)row[0]).Order());
    }

    [Fact]
    public void With_EachParameter_ChangesThatOneAlone()
    {
        foreach (NamedParameter parameter in Model.ListParameters())
        {
            int value = parameter.Parameter.High ?? parameter.Parameter.Value + 1;

            CpuModel other = Model.With(new ParameterSetting(parameter.Name, value));

            Assert.Equal(
                Model.ListParameters().Select(one => one == parameter ? one with { Parameter = one.Parameter with { Value = value } } : one),
                other.ListParameters());
            Assert.Equal(Model, other.With(new ParameterSetting(parameter.Name, parameter.Parameter.Value)));
        }
    }

    [Fact]
    public void With_NumberOfEntries_KeepsAFullyAssociativeArraySo()
    {
        CpuModel other = Model.With(new ParameterSetting("tlbs.pdeCache.entries", 8), new("tlbs.data4K.entries", 256));

        Assert.Equal(new TlbGeometry(1, 8, Replacement.Lru), other.Tlbs.PdeCache);
        Assert.Equal(new TlbGeometry(64, 4), other.Tlbs.Data4K);
        Assert.Equal(Model.Tlbs.Instruction4K, other.Tlbs.Instruction4K);
    }

    [Theory]
    [InlineData("movCR3", 100, "core-duo has no parameter movCR3.")]
    [InlineData("loadLevelMiss", 2, "core-duo has no parameter loadLevelMiss.")]
    [InlineData("movCr3", 89, "movCr3.low: is above value")]
    [InlineData("movCr3", 251, "movCr3.high: is below value")]
    [InlineData("sti", -1, "sti.value: is not 0 to 1000000")]
    [InlineData("tlbs.data4K.entries", 129, "tlbs.data4K.entries: is not a multiple of ways")]
    public void With_WhatCannotBeSet_IsRefused(string name, int value, string message)
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => Model.With(new ParameterSetting(name, value)));

        Assert.Equal("settings", refusal.ParamName);
        Assert.StartsWith(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ListRanges_HasWhatHasARange()
    {
        IEnumerable<string> expected = Costs.Where(row => (int)row[2] < (int)row[3])
            .Select(row => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName((string)row[0]));

        Assert.Equal([.. expected, "tlbs.pdeCache.entries"], Model.ListRanges().Select(range => range.Name));
        Assert.Contains(new ParameterRange("movCr3", 150, 90, 250), Model.ListRanges());
        Assert.Contains(new ParameterRange("tlbs.pdeCache.entries", 16, 8, 32) { IsEntryCount = true }, Model.ListRanges());
    }

    // Entries of the PDE cache and their range, as the model files' sources give them.
    [Theory]
    [InlineData("pentium3-tualatin", 8, 4, 16)]
    [InlineData("pentium4-northwood", 8, 4, 32)]
    [InlineData("pentium4-prescott", 8, 4, 32)]
    [InlineData("core-duo", 16, 8, 32)]
    [InlineData("pentium-m-dothan", 16, 8, 32)]
    [InlineData("core2-conroe", 32, 16, 32)]
    public void ListRanges_PdeCache_IsThatOfTheTable(string name, int nominal, int low, int high) => Assert.Contains(
        new ParameterRange("tlbs.pdeCache.entries", nominal, low, high) { IsEntryCount = true }, CpuModels.Find(name)!.ListRanges());
}
