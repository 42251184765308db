using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace X86Pae.Tests.Timing;

/// <summary>docs/cpu-model.schema.json, with as much of JSON Schema 2020-12 as it uses.</summary>
internal static class ModelSchema
{
    private static readonly string[] Annotations = ["$schema", "title", "description", "default", "$defs"];

    public static JsonObject Root { get; } =
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cpu-model.schema.json")))!.AsObject();

    /// <summary>Path and keyword of the first mistake in a model, or null.</summary>
    public static string? FindMistake(JsonNode model) => FindMistake(model, Root, "model");

    private static string? FindMistake(JsonNode? value, JsonNode schema, string path)
    {
        if (schema.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.GetValue<bool>() ? null : $"{path} is there";
        }

        JsonObject rules = schema.AsObject();
        return rules
            .Where(rule => !Annotations.Contains(rule.Key))
            .Select(rule => Apply(rule.Key, rule.Value!, value, rules, path))
            .FirstOrDefault(mistake => mistake is not null);
    }

    private static string? Apply(string keyword, JsonNode rule, JsonNode? value, JsonObject rules, string path)
    {
        JsonObject? members = value as JsonObject;
        double? number = value?.GetValueKind() == JsonValueKind.Number ? value.GetValue<double>() : null;
        string? text = value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
        switch (keyword)
        {
            case "$ref":
                return FindMistake(value, Root["$defs"]![rule.GetValue<string>()["#/$defs/".Length..]]!, path);
            case "allOf":
                return rule.AsArray().Select(one => FindMistake(value, one!, path)).FirstOrDefault(mistake => mistake is not null);
            case "if":
                JsonNode? branch = rules[FindMistake(value, rule, path) is null ? "then" : "else"];
                return branch is null ? null : FindMistake(value, branch, path);
            case "then" or "else":
                return null;
            case "properties":
                return rule.AsObject()
                    .Where(member => members?.ContainsKey(member.Key) == true)
                    .Select(member => FindMistake(members![member.Key], member.Value!, $"{path}.{member.Key}"))
                    .FirstOrDefault(mistake => mistake is not null);
            case "additionalProperties":
                string? unknown = members?.Select(member => member.Key).FirstOrDefault(name => !rules["properties"]!.AsObject().ContainsKey(name));
                return unknown is null ? null : $"{path}.{unknown} is unknown";
        }

        bool holds = keyword switch
        {
            "type" => rule.GetValue<string>() switch
            {
                "object" => members is not null,
                "integer" => number is { } integer && double.IsInteger(integer),
                "number" => number is not null,
                "string" => text is not null,
                _ => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            },
            "enum" => rule.AsArray().Any(one => JsonNode.DeepEquals(one, value)),
            "const" => JsonNode.DeepEquals(rule, value),
            "required" => members is null || rule.AsArray().All(name => members.ContainsKey(name!.GetValue<string>())),
            "minimum" => !(number < rule.GetValue<double>()),
            "maximum" => !(number > rule.GetValue<double>()),
            "minLength" => !(text?.Length < rule.GetValue<int>()),
            "pattern" => text is null || Regex.IsMatch(text, rule.GetValue<string>()),
            _ => throw new NotSupportedException(keyword),
        };
        return holds ? null : $"{path}: {keyword}";
    }
}
