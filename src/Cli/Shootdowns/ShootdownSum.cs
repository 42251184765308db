using X86Pae.Smp;

namespace X86Pae.Cli.Shootdowns;

/// <summary>Shootdowns added up, part by part.</summary>
internal sealed class ShootdownSum
{
    private readonly long[] _cycles = new long[ShootdownPart.All.Count];

    /// <summary>Cycles by place in <see cref="ShootdownPart.All"/>.</summary>
    public IReadOnlyList<long> Cycles => _cycles;

    /// <summary>Messages sent.</summary>
    public long Messages { get; private set; }

    /// <summary>Cycles of all targets.</summary>
    public long TargetCycles { get; private set; }

    /// <summary>Adds a shootdown.</summary>
    /// <param name="parts">Its parts.</param>
    public void Add(in ShootdownParts parts)
    {
        for (int i = 0; i < _cycles.Length; i++)
        {
            _cycles[i] += ShootdownPart.All[i].Cycles(parts);
        }

        Messages += parts.Messages;
        TargetCycles += parts.TargetCycles;
    }
}
