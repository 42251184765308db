// An order by cost, checked at the corners of the ranges within which the costs are known.
//
//   n parameters have a range      2^n corners, most of which are the same run: the cost of an interrupt does not matter to
//                                  a strategy that sends none
//   screening                      each contender runs with each parameter alone at its low and its high end: a parameter
//                                  that changes no figure of the run does not matter to that contender
//   corners                        each contender runs at all 2^k corners of the k parameters that matter to it
//   orders                         two contenders are compared, from those runs, at every joint corner of what matters to either
//
// Nothing is interpolated: waiting for locks and acknowledgements makes cycles no linear function of the costs.

using System.Numerics;
using X86Pae.Lab.Comparison;
using X86Pae.Timing;

namespace X86Pae.Lab.Sweeps;

/// <summary>Finds out whether an order by cost holds over the ranges of a CPU model's estimated parameters.</summary>
public static class Sweep
{
    /// <summary>How many parameters of one contender are swept unless another number is asked for: 1,024 corners.</summary>
    public const int DefaultParameterLimit = 10;

    private const int MaxParameterLimit = 20;

    /// <summary>Sweeps a comparison of strategies on a workload; the cost is cycles for each mapping.</summary>
    /// <param name="strategies">The strategies, such as <see cref="ComparedStrategy.BuiltIn"/>; one or more.</param>
    /// <param name="workload">The mappings.</param>
    /// <param name="settings">The processors with the ranges, and what is done with each mapping.</param>
    /// <param name="parameterLimit">How many parameters of one strategy are swept at most, 1 to 20.</param>
    /// <param name="progress">Told the number of runs made, from several threads; null for nobody.</param>
    /// <exception cref="ArgumentException">There is no strategy, or the model has more than 64 ranges.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="parameterLimit"/> is out of range.</exception>
    public static SweepResult Run(
        IReadOnlyList<ComparedStrategy> strategies,
        Workload workload,
        ComparisonSettings settings,
        int parameterLimit = DefaultParameterLimit,
        IProgress<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(strategies);
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(settings);
        return Run(
            settings.Model,
            [
                .. strategies.Select(strategy => new Contender<StrategyResult>(
                    strategy.Name,
                    corner => strategy.Serve(workload, settings with { Model = corner }),
                    result => result.CyclesPerMap)),
            ],
            parameterLimit,
            progress);
    }

    /// <summary>Sweeps any order by cost.</summary>
    /// <typeparam name="TResult">What a run yields; two equal results mean that nothing differed between the runs.</typeparam>
    /// <param name="model">The processors, with the ranges.</param>
    /// <param name="contenders">What is ordered; one or more.</param>
    /// <param name="parameterLimit">How many parameters of one contender are swept at most, 1 to 20.</param>
    /// <param name="progress">Told the number of runs made, from several threads; null for nobody.</param>
    /// <returns>The same, whatever the number of cores.</returns>
    /// <exception cref="ArgumentException">There is no contender, or the model has more than 64 ranges.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="parameterLimit"/> is out of range.</exception>
    public static SweepResult Run<TResult>(
        CpuModel model,
        IReadOnlyList<Contender<TResult>> contenders,
        int parameterLimit = DefaultParameterLimit,
        IProgress<long>? progress = null)
        where TResult : IEquatable<TResult>
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(contenders);
        ArgumentOutOfRangeException.ThrowIfLessThan(parameterLimit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parameterLimit, MaxParameterLimit);
        if (contenders.Count == 0)
        {
            throw new ArgumentException("There is nothing to compare.", nameof(contenders));
        }

        ParameterRange[] ranges = [.. model.ListRanges()];
        if (ranges.Length > RangeEnds.MaxParameters)
        {
            throw new ArgumentException(
                $"{model.Name} has {ranges.Length} parameters with a range, more than {RangeEnds.MaxParameters}.", nameof(model));
        }

        var runs = new SweepRuns<TResult>(model, ranges, contenders, progress);
        int[] order = [.. Enumerable.Range(0, contenders.Count).OrderBy(contender => runs.CostAt(contender, default))];
        ulong all = order.Aggregate(0UL, (set, contender) => set | runs.WhatMattersTo(contender));
        ulong swept = LimitTo(parameterLimit, all, order, runs);
        runs.Run(order.SelectMany(contender =>
            RangeEnds.CornersOf(runs.WhatMattersTo(contender) & swept).Select(corner => (contender, corner))));
        return new SweepResult
        {
            Swept = Select(ranges, swept),
            WithoutEffect = Select(ranges, ~all),
            LeftNominal = Select(ranges, all & ~swept),
            Costs = [.. order.Select(contender => CostOf(contender, swept, runs))],
            Orders =
            [
                .. order.Zip(order.Skip(1), (cheaper, dearer) => new OrderSweep<TResult>(runs, swept, cheaper, dearer).Compare()),
            ],
            Runs = runs.Finished,
        };
    }

    private static ParameterRange[] Select(ParameterRange[] ranges, ulong parameters) =>
        [.. ranges.Where((_, i) => (parameters >> i & 1) != 0)];

    /// <summary>Drops the parameters with the least effect until no contender has more than so many.</summary>
    private static ulong LimitTo<TResult>(int limit, ulong parameters, int[] contenders, SweepRuns<TResult> runs)
        where TResult : IEquatable<TResult>
    {
        double[] effects = [.. runs.Ranges.Select((_, parameter) => contenders.Max(contender => EffectOf(parameter, contender, runs)))];
        while (contenders.FirstOrDefault(IsAboveLimit, -1) is int contender and >= 0)
        {
            ulong of = runs.WhatMattersTo(contender) & parameters;
            parameters &= ~(1UL << Enumerable.Range(0, effects.Length).Where(i => (of >> i & 1) != 0).MinBy(i => effects[i]));
        }

        return parameters;

        bool IsAboveLimit(int contender) => BitOperations.PopCount(runs.WhatMattersTo(contender) & parameters) > limit;
    }

    /// <summary>How far a parameter alone moves a cost, as a share of the nominal cost.</summary>
    private static double EffectOf<TResult>(int parameter, int contender, SweepRuns<TResult> runs)
        where TResult : IEquatable<TResult>
    {
        double nominal = runs.CostAt(contender, default);
        double low = runs.CostAt(contender, new RangeEnds(1UL << parameter, 0));
        double high = runs.CostAt(contender, new RangeEnds(0, 1UL << parameter));
        double moved = Math.Max(Math.Abs(low - nominal), Math.Abs(high - nominal));
        return moved / Math.Max(nominal, double.Epsilon);
    }

    private static SweptCost CostOf<TResult>(int contender, ulong swept, SweepRuns<TResult> runs)
        where TResult : IEquatable<TResult>
    {
        RangeEnds[] corners = [.. RangeEnds.CornersOf(runs.WhatMattersTo(contender) & swept)];
        RangeEnds least = corners.MinBy(corner => runs.CostAt(contender, corner));
        RangeEnds greatest = corners.MaxBy(corner => runs.CostAt(contender, corner));
        return new SweptCost
        {
            Name = runs.NameOf(contender),
            Nominal = runs.CostAt(contender, default),
            Minimum = runs.CostAt(contender, least),
            MinimumCorner = runs.SettingsOf(least),
            Maximum = runs.CostAt(contender, greatest),
            MaximumCorner = runs.SettingsOf(greatest),
            Corners = corners.Length,
        };
    }
}

/// <summary>A candidate in an order by cost.</summary>
/// <typeparam name="TResult">What a run of it yields.</typeparam>
/// <param name="Name">What it is called in reports.</param>
/// <param name="Run">
/// Runs it on processors of a model. A function of the model alone; called from several threads at once, each time with
/// another model.
/// </param>
/// <param name="Cost">What the run cost, in cycles or cycles for each operation; less is better.</param>
public sealed record Contender<TResult>(string Name, Func<CpuModel, TResult> Run, Func<TResult, double> Cost)
    where TResult : IEquatable<TResult>;
