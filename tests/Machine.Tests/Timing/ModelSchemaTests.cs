using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Tests.Timing;

// docs/cpu-model.schema.json says what the loader does.
public sealed class ModelSchemaTests
{
    private static readonly JsonObject Schema = ModelSchema.Root;

    public static TheoryData<string> Names { get; } = [.. CpuModels.All.Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void BuiltInModel_Schema_FindsNoMistake(string name) => Assert.Null(ModelSchema.FindMistake(ModelJson.Of(name)));

    // What can be said in a schema is refused by both.
    [Theory]
    [InlineData("name", "\"\"", "model.name: minLength")]
    [InlineData("frequencyInMHz", "0", "model.frequencyInMHz: minimum")]
    [InlineData("frequencyInMHz", "2000.5", "model.frequencyInMHz: type")]
    [InlineData("l4", "{}", "model.l4 is unknown")]
    [InlineData("l1.sizeInKiB", "0", "model.l1.sizeInKiB: minimum")]
    [InlineData("invlpg.confidence", "\"certain\"", "model.invlpg.confidence: enum")]
    [InlineData("invlpg", "{ \"value\": 150, \"confidence\": \"estimated\", \"source\": \"s\" }", "model.invlpg: required")]
    [InlineData("invlpg", "{ \"value\": 150, \"confidence\": \"estimated\", \"source\": \"s\", \"low\": 90 }", "model.invlpg: required")]
    [InlineData("invlpg", "{ \"value\": 150, \"confidence\": \"estimated\", \"source\": \"s\", \"high\": 190 }", "model.invlpg: required")]
    [InlineData("invlpg.low", "-1", "model.invlpg.low: minimum")]
    [InlineData("invlpg.high", "1000001", "model.invlpg.high: maximum")]
    [InlineData("invlpg.source", "\"\"", "model.invlpg.source: minLength")]
    [InlineData("dram.source", "\" \"", "model.dram.source: pattern")]
    [InlineData("tlbs.data4K.source", "\"\"", "model.tlbs.data4K.source: minLength")]
    [InlineData("tlbs.data4K.confidence", "\"estimated\"", "model.tlbs.data4K: required")]
    [InlineData("tlbs.data4K.siblings.source", "\"\"", "model.tlbs.data4K.siblings.source: minLength")]
    [InlineData("tlbs.data4K.ways", "3", "model.tlbs.data4K.ways: enum")]
    [InlineData("tlbs.dataLarge", "{ \"entries\": 8, \"ways\": 4, \"confidence\": \"found\", \"source\": \"s\" }", null)]
    [InlineData("tlbs.instructionSizesShare", "true", "model.tlbs.instructionLarge is there")]
    [InlineData("threadsPerCore.value", "3", "model.threadsPerCore.value: enum")]
    [InlineData("threadsPerCore.low", "1", "model.threadsPerCore.low is there")]
    [InlineData("threadsPerCore.confidence", "\"estimated\"", "model.threadsPerCore: required")]
    [InlineData(
        "threadsPerCore",
        "{ \"value\": 2, \"confidence\": \"estimated\", \"source\": \"s\", \"low\": 1, \"high\": 2 }",
        "model.threadsPerCore.confidence: enum")]
    [InlineData("tolerance.dram", "-1", "model.tolerance.dram: minimum")]
    public void Model_WithAMistake_IsRefusedBySchemaAndLoader(string path, string value, string? mistake)
    {
        JsonObject model = ModelJson.With("nehalem-lynnfield", path, value);

        if (mistake is null)
        {
            Assert.Null(ModelSchema.FindMistake(model));
            Assert.Equal("nehalem-lynnfield", ModelJson.Parse(model).Name);
        }
        else
        {
            Assert.StartsWith(mistake, ModelSchema.FindMistake(model), StringComparison.Ordinal);
            Assert.NotEmpty(ModelJson.Refusal(model));
        }
    }

    [Theory]
    [InlineData(null, typeof(CpuModel))]
    [InlineData("cache", typeof(CacheGeometry))]
    [InlineData("parameter", typeof(Parameter))]
    [InlineData("tlbs", typeof(TlbDescription))]
    [InlineData("tlbArray", typeof(TlbArray))]
    [InlineData("tlbSharing", typeof(TlbSharing))]
    [InlineData("tolerance", typeof(Tolerance))]
    public void Members_AndWhichOfThemAreRequired_AreThoseOfTheLoader(string? definition, Type type)
    {
        JsonObject schema = definition is null ? Schema : Schema["$defs"]![definition]!.AsObject();
        JsonPropertyInfo[] members = [.. CpuModelJsonContext.Default.GetTypeInfo(type)!.Properties
            .Where(member => member.Get is not null || member.Set is not null || member.AssociatedParameter is not null)];

        Assert.Equal(
            members.Select(member => member.Name).Order(),
            schema["properties"]!.AsObject().Select(member => member.Key).Order());
        Assert.Equal(
            members.Where(member => member.IsRequired || member.AssociatedParameter is { IsMemberInitializer: false })
                .Select(member => member.Name).Order(),
            Strings(schema["required"]!).Order());
        Assert.False(schema["additionalProperties"]!.GetValue<bool>());
    }

    [Fact]
    public void Enumerations_HaveTheNamesOfTheLoader()
    {
        Assert.Equal(CamelNames<Confidence>(), Strings(Schema["$defs"]!["confidence"]!["enum"]!));
        JsonNode array = Schema["$defs"]!["tlbArray"]!["properties"]!;
        Assert.Equal(CamelNames<Replacement>(), Strings(array["replacement"]!["enum"]!));
        Assert.Equal(CamelNames<SetIndex>(), Strings(array["index"]!["enum"]!));
        Assert.Equal(CamelNames<InterruptBus>(), Strings(Schema["properties"]!["interruptBus"]!["enum"]!));
        Assert.Equal(
            CamelNames<SiblingSharing>(), Strings(Schema["$defs"]!["tlbSharing"]!["properties"]!["mode"]!["enum"]!));
    }

    [Fact]
    public void Defaults_AreThoseOfTheLoader()
    {
        JsonNode array = Schema["$defs"]!["tlbArray"]!["properties"]!;
        var shape = new TlbArray { Entries = 1, Ways = 1, Confidence = Confidence.Found, Source = "test" };

        Assert.Equal(array["replacement"]!["default"]!.GetValue<string>(), CamelNames<Replacement>()[(int)shape.Replacement]);
        Assert.Equal(array["index"]!["default"]!.GetValue<string>(), CamelNames<SetIndex>()[(int)shape.Index]);
        Assert.Equal(Schema["properties"]!["interruptBus"]!["default"]!.GetValue<string>(), CamelNames<InterruptBus>()[0]);
    }

    private static string[] CamelNames<TEnum>()
        where TEnum : struct, Enum => [.. Enum.GetNames<TEnum>().Select(JsonNamingPolicy.CamelCase.ConvertName)];

    private static string[] Strings(JsonNode array) => [.. array.AsArray().Select(one => one!.GetValue<string>())];
}
