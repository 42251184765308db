using System.Numerics;
using X86Pae.Timing;

namespace X86Pae.Lab.Sweeps;

/// <summary>Two contenders at the joint corners of the parameters that matter to either.</summary>
/// <param name="runs">The runs of all contenders at their own corners.</param>
/// <param name="swept">The parameters that are swept.</param>
/// <param name="cheaper">The contender that is cheaper at the nominal values, or as cheap.</param>
/// <param name="dearer">The other one.</param>
internal sealed class OrderSweep<TResult>(SweepRuns<TResult> runs, ulong swept, int cheaper, int dearer)
    where TResult : IEquatable<TResult>
{
    private readonly ulong _parameters = (runs.WhatMattersTo(cheaper) | runs.WhatMattersTo(dearer)) & swept;

    /// <summary>Compares the two.</summary>
    public SweptOrder Compare()
    {
        bool alwaysEqual = true;
        RangeEnds? corner = null;
        foreach (RangeEnds candidate in RangeEnds.CornersOf(_parameters))
        {
            double margin = Margin(candidate);
            alwaysEqual &= margin == 0;
            if (margin < 0 && (corner is null || NumberChanged(candidate) < NumberChanged(corner.Value)))
            {
                corner = candidate;
            }
        }

        RangeEnds[] singles = [.. WorstEnds()];
        RangeEnds[] alone = [.. singles.Where(Flips)];
        RangeEnds? flip = corner is null && alone.Length == 0 ? null : FewestOf(singles) ?? corner;
        return new SweptOrder
        {
            Cheaper = runs.NameOf(cheaper),
            Dearer = runs.NameOf(dearer),
            Verdict = flip is not null ? OrderVerdict.Flips : alwaysEqual ? OrderVerdict.Equal : OrderVerdict.Holds,
            Flip = flip is { } ends ? runs.SettingsOf(runs.Changed(ends)) : [],
            FlipPoints = [.. alone.Select(FlipPoint).OrderBy(setting => setting.Name, StringComparer.Ordinal)],
            Corners = 1L << BitOperations.PopCount(_parameters),
        };
    }

    private double Margin(RangeEnds ends) => runs.CostAt(dearer, ends) - runs.CostAt(cheaper, ends);

    private bool Flips(RangeEnds ends) => Margin(ends) < 0;

    private int NumberChanged(RangeEnds ends)
    {
        RangeEnds changed = runs.Changed(ends);
        return BitOperations.PopCount(changed.Low | changed.High);
    }

    /// <summary>Sets each parameter alone to the end that is worse for the order; the one with the greatest effect comes first.</summary>
    private IEnumerable<RangeEnds> WorstEnds() =>
        from parameter in Enumerable.Range(0, RangeEnds.MaxParameters)
        let bit = _parameters & (1UL << parameter)
        where bit != 0
        let worst = WorseEnd(bit)
        where runs.Changed(worst) == worst
        orderby Margin(worst)
        select worst;

    private RangeEnds WorseEnd(ulong bit)
    {
        var low = new RangeEnds(bit, 0);
        var high = new RangeEnds(0, bit);
        return Margin(low) < Margin(high) ? low : high;
    }

    /// <summary>Sets one parameter after another until the order is reversed.</summary>
    /// <returns>Null if it never is.</returns>
    private RangeEnds? FewestOf(RangeEnds[] singles)
    {
        RangeEnds sum = default;
        foreach (RangeEnds single in singles)
        {
            sum = new RangeEnds(sum.Low | single.Low, sum.High | single.High);
            if (Flips(sum))
            {
                return sum;
            }
        }

        return null;
    }

    /// <summary>Searches the value nearest to the nominal one at which a parameter alone reverses the order.</summary>
    private ParameterSetting FlipPoint(RangeEnds single)
    {
        int parameter = BitOperations.TrailingZeroCount(single.Low | single.High);
        ParameterRange range = runs.Ranges[parameter];
        int holds = range.Nominal;
        int flips = single.High != 0 ? range.High : range.Low;
        while (!range.IsEntryCount && Math.Abs(flips - holds) > 1)
        {
            int middle = (flips + holds) / 2;
            if (runs.CostAt(dearer, parameter, middle) < runs.CostAt(cheaper, parameter, middle))
            {
                flips = middle;
            }
            else
            {
                holds = middle;
            }
        }

        return new ParameterSetting(range.Name, flips);
    }
}
