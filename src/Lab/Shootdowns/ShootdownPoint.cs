using X86Pae.Smp;

namespace X86Pae.Lab.Shootdowns;

/// <summary>Mean figures of shootdowns on a machine of one size.</summary>
public sealed class ShootdownPoint
{
    private readonly long _count;
    private readonly long[] _cycles = new long[ShootdownPart.All.Count]; // of all shootdowns, by part
    private long _messages;
    private long _targetCycles;

    private ShootdownPoint(int processors, long count)
    {
        Processors = processors;
        _count = count;
    }

    /// <summary>CPUs of the machine, the initiator included.</summary>
    public int Processors { get; }

    /// <summary>Targets of one shootdown.</summary>
    public int Targets => Processors - 1;

    /// <summary>Messages of one shootdown.</summary>
    public double Messages => _messages / (double)_count;

    /// <summary>The initiator's cycles for one shootdown.</summary>
    public double Total => _cycles.Sum() / (double)_count;

    /// <summary>Cycles of all targets together for one shootdown.</summary>
    public double TargetCycles => _targetCycles / (double)_count;

    /// <summary>Runs the experiment on a machine.</summary>
    /// <param name="settings">What is run.</param>
    /// <param name="processors">CPUs of the machine, the initiator included.</param>
    public static ShootdownPoint Measure(ShootdownSettings settings, int processors)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var experiment = new ShootdownExperiment(settings.Model, processors - 1, settings.Options)
        {
            TargetsInUserMode = settings.TargetsInUserMode,
        };
        var point = new ShootdownPoint(processors, settings.Count);
        foreach (ShootdownParts parts in experiment.MeasureBackToBack(settings.Pages, settings.Count, settings.InterruptsOff))
        {
            point.Add(in parts);
        }

        return point;
    }

    /// <summary>The mean cycles of one part over all shootdowns.</summary>
    /// <param name="part">Its place in <see cref="ShootdownPart.All"/>.</param>
    public double Mean(int part) => _cycles[part] / (double)_count;

    private void Add(in ShootdownParts parts)
    {
        for (int i = 0; i < _cycles.Length; i++)
        {
            _cycles[i] += ShootdownPart.All[i].Cycles(parts);
        }

        _messages += parts.Messages;
        _targetCycles += parts.TargetCycles;
    }
}
