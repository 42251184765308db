using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Tests.Timing;

// docs/cpu-model.schema.json says what the loader does.
public sealed class ModelSchemaTests
{
    private static readonly JsonObject Schema =
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cpu-model.schema.json")))!.AsObject();

    public static TheoryData<string> Names { get; } = [.. CpuModels.All.Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void BuiltInModel_EachMember_IsInTheSchema(string name)
    {
        using Stream stream = typeof(CpuModels).Assembly.GetManifestResourceStream($"X86Pae.Timing.Models.{name}.json")!;

        AssertValid(JsonNode.Parse(stream)!, Schema, "model");
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

    /// <summary>Types, members and bounds: the part of JSON Schema that says where a member may stand.</summary>
    private static void AssertValid(JsonNode value, JsonObject schema, string path)
    {
        if (schema["$ref"] is { } reference)
        {
            AssertValid(value, Schema["$defs"]![reference.GetValue<string>().Split('/')[^1]]!.AsObject(), path);
            return;
        }

        if (schema["enum"] is JsonArray allowed)
        {
            Assert.True(allowed.Any(one => JsonNode.DeepEquals(one, value)), path);
            return;
        }

        string type = schema["type"]!.GetValue<string>();
        switch (type)
        {
            case "object":
                Assert.All(
                    Strings(schema["required"]!),
                    member => Assert.True(value.AsObject().ContainsKey(member), $"{path}.{member}"));
                foreach ((string name, JsonNode? member) in value.AsObject())
                {
                    JsonNode? memberSchema = schema["properties"]![name];
                    Assert.True(memberSchema is not null, $"{path}.{name}");
                    AssertValid(member!, memberSchema.AsObject(), $"{path}.{name}");
                }

                break;
            case "integer" or "number":
                double number = value.GetValue<double>();
                Assert.True(type == "number" || double.IsInteger(number), path);
                Assert.False(number < schema["minimum"]?.GetValue<double>(), path);
                Assert.False(number > schema["maximum"]?.GetValue<double>(), path);
                break;
            default:
                JsonValueKind kind = value.GetValueKind();
                Assert.Equal(type, kind is JsonValueKind.True or JsonValueKind.False ? "boolean" : "string");
                break;
        }
    }

    private static string[] CamelNames<TEnum>()
        where TEnum : struct, Enum => [.. Enum.GetNames<TEnum>().Select(JsonNamingPolicy.CamelCase.ConvertName)];

    private static string[] Strings(JsonNode array) => [.. array.AsArray().Select(one => one!.GetValue<string>())];
}
