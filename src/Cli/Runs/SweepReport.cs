using System.Globalization;
using X86Pae.Cli.Reporting;
using X86Pae.Lab.Sweeps;
using X86Pae.Timing;

namespace X86Pae.Cli.Runs;

/// <summary>Writes what a sweep found.</summary>
internal static class SweepReport
{
    /// <summary>Writes costs, orders, and which corners they rest on.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="model">The processors with the ranges.</param>
    /// <param name="output">Where to.</param>
    public static void Write(SweepResult sweep, CpuModel model, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"cycles/map over the ranges of {model.Name}'s estimates");
        var costs = new TextTable("strategy", ">nominal", ">min", ">max", ">corners");
        foreach (SweptCost cost in sweep.Costs)
        {
            costs.Add(cost.Name, Cycles(cost.Nominal), Cycles(cost.Minimum), Cycles(cost.Maximum), Count(cost.Corners));
        }

        costs.Write(output);
        output.WriteLine();
        var orders = new TextTable("order", ">corners", "verdict");
        foreach (SweptOrder order in sweep.Orders)
        {
            orders.Add($"{order.Cheaper} before {order.Dearer}", Count(order.Corners), Verdict(order, sweep));
        }

        orders.Write(output);
        output.WriteLine($"ranking: {Overall(sweep)}");
        output.WriteLine();
        output.WriteLine($"swept: {Ranges(sweep.Swept)}");
        output.WriteLine($"changes nothing: {Ranges(sweep.WithoutEffect)}");
        if (!sweep.IsEveryCorner)
        {
            output.WriteLine($"left nominal, as they change least: {Ranges(sweep.LeftNominal)}");
        }

        output.WriteLine(
            $"{Count(sweep.Runs)} runs: each strategy at every corner of what changes its cycles, each parameter alone, and together all that changes nothing alone.");
    }

    private static string Verdict(SweptOrder order, SweepResult sweep) => order.Verdict switch
    {
        OrderVerdict.Holds => $"holds at {Scope(sweep)}",
        OrderVerdict.Equal => $"equal at {Scope(sweep)}",
        _ => $"flips at {Flip(order, sweep)}",
    };

    private static string Overall(SweepResult sweep) => sweep.FirstFlip is { } first
        ? $"flips at {string.Join(' ', first.Flip)} ({first.Dearer} before {first.Cheaper})"
        : $"{(sweep.Verdict == OrderVerdict.Equal ? "equal" : "holds")} at {Scope(sweep)}";

    private static string Scope(SweepResult sweep) => sweep.IsEveryCorner ? "every corner" : "the corners that were run";

    private static string Flip(SweptOrder order, SweepResult sweep)
    {
        string flip = string.Join(' ', order.Flip);
        string[] points = [.. order.FlipPoints.Select(point => Point(point, sweep.Swept.First(range => range.Name == point.Name)))];
        return points.Length == 0 ? flip : $"{flip}; alone: {string.Join(", ", points)}";
    }

    private static string Point(ParameterSetting point, ParameterRange range)
    {
        string direction = point.Value > range.Nominal ? "or more" : "or less";
        return $"{point.Name} {Number(point.Value)} {direction} (nominal {Number(range.Nominal)})";
    }

    private static string Ranges(IReadOnlyList<ParameterRange> ranges) => ranges.Count == 0
        ? "none"
        : string.Join(", ", ranges.Select(range => $"{range.Name} {Number(range.Low)} to {Number(range.High)}"));

    private static string Cycles(double value) => value.ToString("N1", CultureInfo.InvariantCulture);

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
