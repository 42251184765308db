using System.Text.Json;

namespace X86Pae.Cli.Shootdowns;

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
        Delivery = Choices.Delivery.NameOf(settings.Options.Delivery),
        Requests = Choices.Requests.NameOf(settings.Options.Requests),
        Acknowledgement = Choices.Acknowledgement.NameOf(settings.Options.Acknowledgement),
        LocalFlush = Choices.LocalFlush.NameOf(settings.Options.LocalFlush),
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

    /// <summary>The document as text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ShootdownJsonContext.Default.ShootdownDocument) + "\n";
}
