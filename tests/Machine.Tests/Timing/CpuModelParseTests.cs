using System.Text.Json.Nodes;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Tests.Timing;

// Each message begins with the path of the member that is wrong, or names it.
public sealed class CpuModelParseTests
{
    [Fact]
    public void Parse_BuiltInFile_IsTheBuiltInModel()
    {
        CpuModel model = ModelJson.Parse(ModelJson.Of("core2-conroe"));

        Assert.Equal(CpuModels.Find("core2-conroe"), model);
    }

    [Theory]
    [InlineData("name")]
    [InlineData("description")]
    [InlineData("frequencyInMHz")]
    [InlineData("lineSizeInBytes")]
    [InlineData("l1")]
    [InlineData("l2")]
    [InlineData("dram")]
    [InlineData("tlbs")]
    [InlineData("walkFixed")]
    [InlineData("accessedDirtyAssist")]
    [InlineData("movCr3")]
    [InlineData("invlpg")]
    [InlineData("pgeTogglePair")]
    [InlineData("lockedRmw")]
    [InlineData("pushfPopf")]
    [InlineData("cli")]
    [InlineData("sti")]
    [InlineData("pageFaultDelivery")]
    [InlineData("pageFaultReturn")]
    [InlineData("interruptEntryUser")]
    [InlineData("interruptEntry")]
    [InlineData("eoiAndHandlerEntry")]
    [InlineData("icrWrite")]
    [InlineData("ipiWire")]
    [InlineData("ackTransfer")]
    [InlineData("l1.sizeInKiB")]
    [InlineData("l2.ways")]
    [InlineData("l2.loadToUse")]
    [InlineData("l2.loadToUse.value")]
    [InlineData("dram.confidence")]
    [InlineData("dram.source")]
    [InlineData("tlbs.data4K.entries")]
    [InlineData("tlbs.data4K.ways")]
    [InlineData("tlbs.data4K.confidence")]
    [InlineData("tlbs.data4K.source")]
    [InlineData("tolerance.dram")]
    public void Parse_MissingMember_NamesIt(string path)
    {
        JsonObject model = ModelJson.Of("core2-conroe");
        ModelJson.Parent(model, path, out string member).Remove(member);

        Assert.Contains($"'{member}'", ModelJson.Refusal(model), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("l3", false)]
    [InlineData("walksBypassL1", false)]
    [InlineData("invpcid", false)]
    [InlineData("tolerance", true)]
    [InlineData("tlbs.pdeCache", true)]
    [InlineData("tlbs.data4K.replacement", true)]
    [InlineData("cli.low", true)]
    [InlineData("cli.high", true)]
    public void Parse_WithoutAnOptionalMember_IsAModel(string path, bool isThere)
    {
        JsonObject model = ModelJson.Of("core2-conroe");

        Assert.Equal(isThere, ModelJson.Parent(model, path, out string member).Remove(member));
        Assert.Equal("core2-conroe", ModelJson.Parse(model).Name);
    }

    [Theory]
    [InlineData("name", "\"\"", "name: is empty")]
    [InlineData("frequencyInMHz", "0", "frequencyInMHz: is not 1 to 100000")]
    [InlineData("frequencyInMHz", "100001", "frequencyInMHz: is not 1 to 100000")]
    [InlineData("lineSizeInBytes", "48", "lineSizeInBytes: is not a power of two from 8 to 4096")]
    [InlineData("lineSizeInBytes", "4", "lineSizeInBytes: is not a power of two from 8 to 4096")]
    [InlineData("lineSizeInBytes", "8192", "lineSizeInBytes: is not a power of two from 8 to 4096")]
    [InlineData("l1.sizeInKiB", "0", "l1.sizeInKiB: is not 1 to 1048576")]
    [InlineData("l2.sizeInKiB", "1048577", "l2.sizeInKiB: is not 1 to 1048576")]
    [InlineData("l1.ways", "0", "l1.ways: is not 1 to 64")]
    [InlineData("l1.ways", "65", "l1.ways: is not 1 to 64")]
    [InlineData("l1.ways", "7", "l1.ways: does not divide the cache into whole sets of lines")]
    [InlineData("l2.loadToUse.low", "15", "l2.loadToUse.low: is above value")]
    [InlineData("dram.value", "-1", "dram.value: is not 0 to 1000000")]
    [InlineData("dram.value", "1000001", "dram.value: is not 0 to 1000000")]
    [InlineData("movCr3.low", "121", "movCr3.low: is above value")]
    [InlineData("movCr3.high", "119", "movCr3.high: is below value")]
    [InlineData("movCr3.low", "-1", "movCr3.low: is negative")]
    [InlineData("movCr3.high", "1000001", "movCr3.high: is above 1000000")]
    [InlineData("movCr3.low", "null", "movCr3.low: is missing: what is estimated has a range to sweep")]
    [InlineData("movCr3.high", "null", "movCr3.high: is missing: what is estimated has a range to sweep")]
    [InlineData(
        "movCr3",
        "{ \"value\": 9, \"low\": 9, \"high\": 9, \"confidence\": \"estimated\", \"source\": \"s\" }",
        "movCr3.low: is not below high: what is estimated has a range to sweep")]
    [InlineData("dram.confidence", "\"estimated\"", "dram.low: is missing: what is estimated has a range to sweep")]
    [InlineData("tlbs.data4K.confidence", "\"estimated\"", "tlbs.data4K.low: is missing: what is estimated has a range to sweep")]
    [InlineData("tlbs.pdeCache.high", "null", "tlbs.pdeCache.high: is missing: what is estimated has a range to sweep")]
    [InlineData("dram.source", "\"\"", "dram.source: is empty")]
    [InlineData("l1.loadToUse.source", "\"\\t \"", "l1.loadToUse.source: is empty")]
    [InlineData("tlbs.data4K.source", "\"\"", "tlbs.data4K.source: is empty")]
    [InlineData(
        "tlbs.data4K.siblings",
        "{ \"mode\": \"shared\", \"confidence\": \"found\", \"source\": \"\" }",
        "tlbs.data4K.siblings.source: is empty")]
    [InlineData("ackTransfer.low", "61", "ackTransfer.low: is above value")]
    [InlineData("refillChargedInPercent", "{ \"value\": 101, \"confidence\": \"found\", \"source\": \"s\" }", "refillChargedInPercent.value: is above 100")]
    [InlineData(
        "refillChargedInPercent",
        "{ \"value\": 20, \"high\": 101, \"confidence\": \"found\", \"source\": \"s\" }",
        "refillChargedInPercent.high: is above 100")]
    [InlineData("tlbs.data4K.ways", "0", "tlbs.data4K.ways: is not 1 to 128")]
    [InlineData("tlbs.data4K.ways", "129", "tlbs.data4K.ways: is not 1 to 128")]
    [InlineData("tlbs.data4K.ways", "3", "tlbs.data4K.entries: is not a multiple of ways")]
    [InlineData("tlbs.data4K.entries", "0", "tlbs.data4K.entries: is not a multiple of ways")]
    [InlineData("tlbs.data4K.entries", "24", "tlbs.data4K.entries: does not give a power of two of sets")]
    [InlineData("tlbs.data4K.entries", "2097152", "tlbs.data4K.entries: is above 1048576")]
    [InlineData("tlbs.load4K.entries", "12", "tlbs.load4K.entries: does not give a power of two of sets")]
    [InlineData("tlbs.pdeCache.ways", "5", "tlbs.pdeCache.entries: is not a multiple of ways")]
    [InlineData("tlbs.pdeCache.low", "33", "tlbs.pdeCache.low: is above entries")]
    [InlineData("tlbs.pdeCache.high", "31", "tlbs.pdeCache.high: is below entries")]
    [InlineData("tlbs.pdeCache.high", "129", "tlbs.pdeCache.high: is not a possible number of entries (tlbs.pdeCache.ways: is not 1 to 128)")]
    [InlineData("tlbs.data4K.low", "130", "tlbs.data4K.low: is not a possible number of entries (tlbs.data4K.entries: is not a multiple of ways)")]
    [InlineData("loadLevelMiss", "null", "loadLevelMiss: ")]
    [InlineData("tolerance.dram", "-1", "tolerance.dram: is negative")]
    [InlineData("tolerance.cacheResident", "-0.5", "tolerance.cacheResident: is negative")]
    [InlineData("tolerance.tlbMissing", "-1", "tolerance.tlbMissing: is negative")]
    [InlineData("tlbs.dataSizesShare", "true", "tlbs.dataLarge: is not there where dataSizesShare")]
    [InlineData("tlbs.instructionSizesShare", "true", "tlbs.instructionLarge: is not there where instructionSizesShare")]
    public void Parse_ImpossibleValue_NamesTheMember(string path, string value, string message)
    {
        JsonObject model = ModelJson.With("core2-conroe", path, value);

        Assert.StartsWith(message, ModelJson.Refusal(model), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("skylake", "secondDataLarge", "tlbs.secondDataLarge: is not there where secondSizesShare")]
    [InlineData("skylake", "secondInstruction4K", "tlbs.secondInstruction4K: is not there where secondIsUnified")]
    [InlineData("skylake", "secondInstructionLarge", "tlbs.secondInstructionLarge: is not there where secondIsUnified")]
    [InlineData("core-duo", "secondData4K", "secondLevelHit: ")]
    [InlineData("core-duo", "secondDataLarge", "secondLevelHit: ")]
    [InlineData("core-duo", "secondInstruction4K", "secondLevelHit: ")]
    [InlineData("core-duo", "secondInstructionLarge", "secondLevelHit: ")]
    [InlineData("core-duo", "load4K", "loadLevelMiss: ")]
    [InlineData("core-duo", "loadLarge", "loadLevelMiss: ")]
    public void Parse_ArrayThatTheRestContradicts_NamesTheMember(string name, string array, string message)
    {
        JsonObject model = ModelJson.Of(name);
        model["tlbs"]![array] = model["tlbs"]!["pdeCache"]!.DeepClone();

        Assert.StartsWith(message, ModelJson.Refusal(model), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", "ipiWireSmt: is not there where threadsPerCore is 1")]
    [InlineData("0", "threadsPerCore.value: is not 1 or 2")]
    [InlineData("4", "threadsPerCore.value: is not 1 or 2")]
    [InlineData("2, \"low\": 1", "threadsPerCore: has no range to sweep")]
    [InlineData("2, \"high\": 2", "threadsPerCore: has no range to sweep")]
    public void Parse_ImpossibleThreads_NamesTheMember(string value, string message)
    {
        JsonObject model = ModelJson.Of("skylake");
        model["threadsPerCore"] = JsonNode.Parse($"{{ \"value\": {value}, \"confidence\": \"found\", \"source\": \"s\" }}");

        Assert.Equal(message, ModelJson.Refusal(model));
    }

    [Fact]
    public void Parse_EstimatedThreads_NamesTheMember() => Assert.Equal(
        "threadsPerCore.confidence: estimated is for what has a range to sweep",
        ModelJson.Refusal(ModelJson.With("skylake", "threadsPerCore.confidence", "\"estimated\"")));

    // Further from the processor is larger and slower. Haswell: 32, 256 and 8192 KiB; 4, 12, 36 and 260 cycles.
    [Theory]
    [InlineData("l2.sizeInKiB", "16", "l2.sizeInKiB: is not above that of l1")]
    [InlineData("l2.sizeInKiB", "32", "l2.sizeInKiB: is not above that of l1")]
    [InlineData("l3.sizeInKiB", "256", "l3.sizeInKiB: is not above that of l2")]
    [InlineData("l1.loadToUse.value", "20", "l2.loadToUse.value: is not above l1.loadToUse.value")]
    [InlineData("l2.loadToUse.value", "4", "l2.loadToUse.value: is not above l1.loadToUse.value")]
    [InlineData("l3.loadToUse.value", "12", "l3.loadToUse.value: is not above l2.loadToUse.value")]
    [InlineData("l3.loadToUse.value", "260", "dram.value: is not above l3.loadToUse.value")]
    [InlineData("l1.loadToUse.high", "12", "l2.loadToUse: its range overlaps that of l1.loadToUse")]
    [InlineData("l3.loadToUse.low", "12", "l3.loadToUse: its range overlaps that of l2.loadToUse")]
    [InlineData("dram.low", "36", "dram: its range overlaps that of l3.loadToUse")]
    public void Parse_LevelThatDoesNotRise_NamesTheMember(string path, string value, string message) =>
        Assert.Equal(message, ModelJson.Refusal(ModelJson.With("haswell", path, value)));

    [Theory]
    [InlineData("l2.loadToUse.value", "13", "l2.loadToUse.value: is not above l1.loadToUse.value")]
    [InlineData("dram.value", "14", "dram.value: is not above l2.loadToUse.value")]
    public void Parse_TwoLevels_MemoryFollowsTheSecond(string path, string value, string message)
    {
        JsonObject model = ModelJson.With("core-duo", path, value);
        model["l1"]!["loadToUse"]!["value"] = 13;

        Assert.Equal(message, ModelJson.Refusal(model));
    }

    [Fact]
    public void Parse_FreeLevels_AreAllowedInFrontOfFreeOnesAlone()
    {
        JsonObject model = ModelJson.With("core-duo", "l1.loadToUse.value", "0");
        model["l2"]!["loadToUse"]!["value"] = 0;
        Assert.Equal(235, ModelJson.Parse(model).Dram.Value);
        model["dram"]!["value"] = 0;
        Assert.Equal(0, ModelJson.Parse(model).Dram.Value);
        model["l1"]!["loadToUse"]!["high"] = 1;

        Assert.Equal("l2.loadToUse: its range overlaps that of l1.loadToUse", ModelJson.Refusal(model));
    }

    [Fact]
    public void Parse_RangesThatOnlyJustRise_GiveAModelAtEveryCorner()
    {
        JsonObject json = ModelJson.With("haswell", "l2.loadToUse.high", "35");
        (json["l2"]!["sizeInKiB"], json["l3"]!["sizeInKiB"]) = (64, 96);
        CpuModel model = ModelJson.Parse(json);

        Assert.Equal(35, model.With(new ParameterSetting("l2.loadToUse", 35)).L2.LoadToUse.Value);
    }

    [Theory]
    [InlineData("lru", 7, 7, "7 entries in 7 ways have no halves to be partitioned into")]
    [InlineData("lru", 1, 1, "1 entries in 1 ways have no halves to be partitioned into")]
    [InlineData("threeTrees", 12, 12, "12 entries in 12 ways have no halves to be partitioned into")]
    public void Parse_PartitionedArrayWithoutHalves_NamesTheMember(string replacement, int entries, int ways, string problem)
    {
        JsonObject model = ModelJson.Of("skylake");
        var array = (JsonObject)model["tlbs"]!["instruction4K"]!;
        (array["entries"], array["ways"], array["replacement"]) = (entries, ways, replacement);

        Assert.Equal($"tlbs.instruction4K.siblings.mode: {problem}", ModelJson.Refusal(model));
        array["siblings"]!["mode"] = "shared";
        Assert.Equal("skylake", ModelJson.Parse(model).Name);
    }

    // A file says nothing of threads: one, unless messages were measured with two. An array says nothing: it is shared.
    [Fact]
    public void Parse_WithoutAWordOfSiblings_HasThemWhereMessagesWereMeasuredWithThem()
    {
        JsonObject model = ModelJson.Of("skylake");
        model.Remove("threadsPerCore");
        ((JsonObject)model["tlbs"]!["instruction4K"]!).Remove("siblings");

        Assert.True(ModelJson.Parse(model).HasSiblings());
        Assert.Equal(SiblingSharing.Shared, ModelJson.Parse(model).Tlbs.Instruction4K.Siblings);
        model.Remove("ipiWireSmt");
        Assert.False(ModelJson.Parse(model).HasSiblings());
    }

    [Theory]
    [InlineData("treePlru", 12, "treePlru needs a power of two of ways up to 64")]
    [InlineData("treePlru", 128, "treePlru needs a power of two of ways up to 64")]
    [InlineData("threeTrees", 16, "threeTrees needs 12 ways")]
    public void Parse_ReplacementThatDoesNotExistForTheWays_NamesTheMember(string replacement, int ways, string problem)
    {
        JsonObject model = ModelJson.Of("core2-conroe");
        var array = (JsonObject)model["tlbs"]!["data4K"]!;
        (array["entries"], array["ways"], array["replacement"]) = (ways, ways, replacement);

        Assert.Equal($"tlbs.data4K.replacement: {problem}", ModelJson.Refusal(model));
    }

    // Whatever validation lets through, an MMU can be built with.
    [Theory]
    [InlineData("treePlru", 1, 1)]
    [InlineData("treePlru", 64, 64)]
    [InlineData("lru", 128, 128)]
    [InlineData("fifo", 48, 48)]
    [InlineData("random", 7, 7)]
    [InlineData("threeTrees", 12, 12)]
    [InlineData("threeTrees", 1536, 12)]
    public void Parse_PossibleArray_IsTheShapeOfTheTlb(string replacement, int entries, int ways)
    {
        JsonObject json = ModelJson.Of("core2-conroe");
        var array = (JsonObject)json["tlbs"]!["data4K"]!;
        (array["entries"], array["ways"], array["replacement"], array["index"]) = (entries, ways, replacement, "xor");
        CpuModel model = ModelJson.Parse(json);

        Assert.Equal(
            new TlbGeometry(entries / ways, ways, Enum.Parse<Replacement>(replacement, ignoreCase: true), SetIndex.Xor),
            model.Tlbs.Data4K);
        Assert.True(new TimedGuest(model, 1).Load(0) > 0);
    }
}
