using System.Text;
using System.Text.Json.Nodes;
using X86Pae.Timing;

namespace X86Pae.Tests.Timing;

/// <summary>Model files to change and to read.</summary>
internal static class ModelJson
{
    /// <summary>The file of a built-in model.</summary>
    public static JsonObject Of(string name)
    {
        using Stream stream = typeof(CpuModels).Assembly.GetManifestResourceStream($"X86Pae.Timing.Models.{name}.json")!;
        return JsonNode.Parse(stream)!.AsObject();
    }

    /// <summary>The same with a member replaced, or added.</summary>
    public static JsonObject With(string name, string path, string value)
    {
        JsonObject model = Of(name);
        Parent(model, path, out string member)[member] = JsonNode.Parse(value);
        return model;
    }

    /// <summary>The object that a member belongs to.</summary>
    public static JsonObject Parent(JsonObject model, string path, out string member)
    {
        string[] steps = path.Split('.');
        member = steps[^1];
        return steps[..^1].Aggregate(model, (parent, step) => parent[step]!.AsObject());
    }

    public static CpuModel Parse(JsonObject model) => Parse(model.ToJsonString());

    public static CpuModel Parse(string text) => CpuModels.Parse(new MemoryStream(Encoding.UTF8.GetBytes(text)));

    /// <summary>What is said of a model that is refused.</summary>
    public static string Refusal(JsonObject model) => Refusal(model.ToJsonString());

    public static string Refusal(string text) => Assert.Throws<InvalidDataException>(() => Parse(text)).Message;
}
