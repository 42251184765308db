using System.Text;
using System.Text.Json;

namespace X86Pae.Timing;

/// <summary>The CPU models that are built in, and others from files of the same form.</summary>
/// <remarks>The built-in ones are such files, embedded; docs/cpu-model.schema.json is the schema.</remarks>
public static class CpuModels
{
    private const int MaxLengthInBytes = 1 << 20; // a hundred times a built-in model

    private static readonly string[] Names =
    [
        "pentium3-katmai", "pentium3-tualatin", "pentium4-northwood", "pentium4-prescott", "pentium-m-dothan",
        "yonah-celeron215", "core-duo", "core2-conroe", "core2-yorkfield", "nehalem-lynnfield", "sandybridge", "haswell",
        "skylake", "k8-manchester", "k10-thuban", "zen1",
    ];

    /// <summary>All built-in models, oldest of each maker first.</summary>
    public static IReadOnlyList<CpuModel> All { get; } = [.. Names.Select(LoadBuiltIn)];

    /// <summary>Intel Core Duo (Yonah), 2.0 GHz, 2006: the last 32-bit-only Intel core.</summary>
    public static CpuModel CoreDuo { get; } = Find("core-duo")!;

    /// <summary>Finds a built-in model by name.</summary>
    /// <param name="name">The name, such as <c>core-duo</c>.</param>
    /// <returns>The model, or null if there is none of that name.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    public static CpuModel? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(model => model.Name == name);
    }

    /// <summary>Reads a model from JSON.</summary>
    /// <param name="json">The text, UTF-8, at most 1 MiB; it is read to its end.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="json"/> is null.</exception>
    /// <exception cref="InvalidDataException">It is not a model; the message begins with the path of the member that is wrong.</exception>
    public static CpuModel Parse(Stream json)
    {
        ArgumentNullException.ThrowIfNull(json);
        ReadOnlySpan<byte> text = ReadAll(json);
        text = text.StartsWith(Encoding.UTF8.Preamble) ? text[Encoding.UTF8.Preamble.Length..] : text;
        CpuModel model;
        try
        {
            model = JsonSerializer.Deserialize(text, CpuModelJsonContext.Default.CpuModel)
                ?? throw new InvalidDataException(CpuModelDiagnosis.Explain(text));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(CpuModelDiagnosis.Explain(text), e);
        }

        CpuModelValidation.Validate(model);
        return model;
    }

    private static byte[] ReadAll(Stream json)
    {
        var text = new MemoryStream();
        byte[] part = new byte[4096];
        while (json.Read(part) is > 0 and int length)
        {
            text.Write(part, 0, length);
            if (text.Length > MaxLengthInBytes)
            {
                throw new InvalidDataException($"is longer than the {MaxLengthInBytes} bytes that a CPU model may have");
            }
        }

        return text.ToArray();
    }

    private static CpuModel LoadBuiltIn(string name)
    {
        using Stream json = typeof(CpuModels).Assembly.GetManifestResourceStream($"X86Pae.Timing.Models.{name}.json")
            ?? throw new InvalidOperationException($"The model {name} is not embedded.");
        return Parse(json);
    }
}
