using X86Pae.Timing;

namespace X86Pae.Lab.Sweeps;

/// <summary>Whether the order of two contenders that are neighbours at the nominal values holds over the corners.</summary>
public sealed record SweptOrder
{
    /// <summary>The one that is cheaper at the nominal values, or as cheap.</summary>
    public required string Cheaper { get; init; }

    /// <summary>The other one.</summary>
    public required string Dearer { get; init; }

    /// <summary>What the corners say.</summary>
    public required OrderVerdict Verdict { get; init; }

    /// <summary>
    /// Settings at which the order is reversed, all others nominal; as few as were found, empty if it never is. One alone is
    /// enough exactly if there is one in <see cref="FlipPoints"/>. Of several, those with the greatest effect are set first.
    /// </summary>
    public required IReadOnlyList<ParameterSetting> Flip { get; init; }

    /// <summary>
    /// For each parameter that reverses the order alone, the value nearest to the nominal one that was found to do so: the
    /// value one step closer was run too, and does not. Numbers of entries are only tried at the ends of their range.
    /// </summary>
    public required IReadOnlyList<ParameterSetting> FlipPoints { get; init; }

    /// <summary>Number of corners at which the two were compared.</summary>
    public required long Corners { get; init; }
}
