using System.Text.Json;
using System.Text.Json.Serialization;
using X86Pae.Lab.Shootdowns;

namespace X86Pae.Lab.Reports;

/// <summary>Writes shootdowns as JSON.</summary>
public static class ShootdownReport
{
    /// <summary>Writes the figures as the text of a file.</summary>
    /// <param name="settings">What was run.</param>
    /// <param name="points">The figures of each machine.</param>
    public static string ToJson(ShootdownSettings settings, IEnumerable<ShootdownPoint> points)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(points);
        return JsonSerializer.Serialize(
            ShootdownDocument.Of(settings, points), ShootdownJsonContext.Default.ShootdownDocument) + "\n";
    }
}

/// <summary>The figures of a shootdown experiment as they are written to a file.</summary>
internal sealed record ShootdownDocument
{
    public required string Cpu { get; init; }

    public required int FrequencyInMHz { get; init; }

    public required string Delivery { get; init; }

    public required string Requests { get; init; }

    public required string Acknowledgement { get; init; }

    public required string LocalFlush { get; init; }

    public required bool SiblingThreads { get; init; }

    public required int? ProcessorsPerPackage { get; init; }

    /// <summary>Pages of each shootdown; 0 for everything.</summary>
    public required int Pages { get; init; }

    public required long InterruptsOff { get; init; }

    public required bool TargetsInUserMode { get; init; }

    /// <summary>Shootdowns that each point is the mean of.</summary>
    public required long Count { get; init; }

    public required IReadOnlyList<ShootdownPointDocument> Points { get; init; }

    /// <summary>Gathers the figures.</summary>
    /// <param name="settings">What was run.</param>
    /// <param name="points">What came of it.</param>
    public static ShootdownDocument Of(ShootdownSettings settings, IEnumerable<ShootdownPoint> points) => new()
    {
        Cpu = settings.Model.Name,
        FrequencyInMHz = settings.Model.FrequencyInMHz,
        Delivery = ShootdownNames.Of(settings.Options.Delivery),
        Requests = ShootdownNames.Of(settings.Options.Requests),
        Acknowledgement = ShootdownNames.Of(settings.Options.Acknowledgement),
        LocalFlush = ShootdownNames.Of(settings.Options.LocalFlush),
        SiblingThreads = settings.Options.SiblingThreads,
        ProcessorsPerPackage = settings.Options.ProcessorsPerPackage,
        Pages = settings.Pages,
        InterruptsOff = settings.InterruptsOff,
        TargetsInUserMode = settings.TargetsInUserMode,
        Count = settings.Count,
        Points = [.. points.Select(point => new ShootdownPointDocument(
            point.Processors,
            point.Targets,
            point.Messages,
            point.Total,
            Enumerable.Range(0, ShootdownPart.All.Count).ToDictionary(part => ShootdownPart.All[part].Member, point.Mean),
            point.TargetCycles))],
    };
}

/// <summary>The figures of one machine: means of one shootdown, in cycles.</summary>
/// <param name="Processors">CPUs, the initiator included.</param>
/// <param name="Targets">CPUs that are interrupted.</param>
/// <param name="Messages">Interrupt messages sent.</param>
/// <param name="Cycles">The initiator's time.</param>
/// <param name="Parts">What it is made of, by name; the parts add up to it.</param>
/// <param name="TargetCycles">Time of all targets together.</param>
internal sealed record ShootdownPointDocument(
    int Processors, int Targets, double Messages, double Cycles, IReadOnlyDictionary<string, double> Parts, double TargetCycles);

/// <summary>Serialisation code for the figures, generated when the tool is built.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ShootdownDocument))]
internal sealed partial class ShootdownJsonContext : JsonSerializerContext;
