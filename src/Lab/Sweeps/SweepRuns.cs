using System.Numerics;
using X86Pae.Timing;

namespace X86Pae.Lab.Sweeps;

/// <summary>Runs contenders at settings of the parameters, each at most once, on all cores.</summary>
/// <remarks>
/// Settings that differ only in parameters that do not matter to a contender share one run of it.
/// </remarks>
internal sealed class SweepRuns<TResult>
    where TResult : IEquatable<TResult>
{
    private readonly CpuModel _model;
    private readonly IReadOnlyList<Contender<TResult>> _contenders;
    private readonly IProgress<long>? _progress;
    private readonly Dictionary<(int Contender, RangeEnds Ends), double> _costs = [];
    private readonly ulong[] _matters;
    private readonly ulong _lows; // parameters whose lower end is not their nominal value
    private readonly ulong _highs;
    private long _finished;

    /// <summary>Runs each contender at the nominal values, and with each parameter alone at either end of its range.</summary>
    public SweepRuns(
        CpuModel model, ParameterRange[] ranges, IReadOnlyList<Contender<TResult>> contenders, IProgress<long>? progress)
    {
        _model = model;
        _contenders = contenders;
        _progress = progress;
        _matters = new ulong[contenders.Count];
        Ranges = ranges;
        for (int i = 0; i < ranges.Length; i++)
        {
            _lows |= ranges[i].Low < ranges[i].Nominal ? 1UL << i : 0;
            _highs |= ranges[i].High > ranges[i].Nominal ? 1UL << i : 0;
        }

        FindWhatMatters();
    }

    /// <summary>The parameters with a range; bit n of a set of parameters is number n of this list.</summary>
    public ParameterRange[] Ranges { get; }

    /// <summary>Runs made so far.</summary>
    public long Finished => Interlocked.Read(ref _finished);

    /// <summary>What a contender is called.</summary>
    public string NameOf(int contender) => _contenders[contender].Name;

    /// <summary>
    /// The parameters that change a figure of a contender's run: alone at an end of their range, or only together with others.
    /// </summary>
    public ulong WhatMattersTo(int contender) => _matters[contender];

    /// <summary>Runs contenders where they have not been run yet.</summary>
    public void Run(IEnumerable<(int Contender, RangeEnds Ends)> points)
    {
        (int Contender, RangeEnds Ends)[] missing =
        [
            .. points.Select(point => (point.Contender, Project(point.Contender, point.Ends)))
                .Distinct()
                .Where(point => !_costs.ContainsKey(point)),
        ];
        var costs = new double[missing.Length];
        Parallel.For(0, missing.Length, i =>
        {
            (int contender, RangeEnds ends) = missing[i];
            costs[i] = _contenders[contender].Cost(RunAt(contender, SettingsOf(ends)));
        });
        for (int i = 0; i < missing.Length; i++)
        {
            _costs.Add(missing[i], costs[i]);
        }
    }

    /// <summary>A contender's cost; it is run if it has not been.</summary>
    public double CostAt(int contender, RangeEnds ends)
    {
        (int Contender, RangeEnds Ends) point = (contender, Project(contender, ends));
        if (!_costs.TryGetValue(point, out double cost))
        {
            Run([point]);
            cost = _costs[point];
        }

        return cost;
    }

    /// <summary>A contender's cost with one parameter at any value and the others nominal.</summary>
    public double CostAt(int contender, int parameter, int value) => (_matters[contender] >> parameter & 1) == 0
        ? CostAt(contender, default)
        : _contenders[contender].Cost(RunAt(contender, [new ParameterSetting(Ranges[parameter].Name, value)]));

    /// <summary>Leaves out the ends that are the nominal value.</summary>
    public RangeEnds Changed(RangeEnds ends) => new(ends.Low & _lows, ends.High & _highs);

    /// <summary>The values of the parameters that are at an end.</summary>
    public ParameterSetting[] SettingsOf(RangeEnds ends)
    {
        ulong parameters = ends.Low | ends.High;
        var settings = new ParameterSetting[BitOperations.PopCount(parameters)];
        for (int i = 0; parameters != 0; i++, parameters &= parameters - 1)
        {
            int parameter = BitOperations.TrailingZeroCount(parameters);
            ParameterRange range = Ranges[parameter];
            settings[i] = new ParameterSetting(range.Name, (ends.High >> parameter & 1) != 0 ? range.High : range.Low);
        }

        return settings;
    }

    private RangeEnds Project(int contender, RangeEnds ends) =>
        Changed(new RangeEnds(ends.Low & _matters[contender], ends.High & _matters[contender]));

    private void FindWhatMatters()
    {
        var nominal = new TResult[_contenders.Count];
        Parallel.For(0, nominal.Length, contender => nominal[contender] = RunAt(contender, []));
        (int Contender, RangeEnds Ends)[] singles =
        [
            .. from contender in Enumerable.Range(0, nominal.Length)
               from parameter in Enumerable.Range(0, Ranges.Length)
               from ends in (RangeEnds[])[new(1UL << parameter, 0), new(0, 1UL << parameter)]
               where Changed(ends) == ends
               select (contender, ends),
        ];
        var results = new TResult[singles.Length];
        Parallel.For(0, singles.Length, i => results[i] = RunAt(singles[i].Contender, SettingsOf(singles[i].Ends)));
        for (int i = 0; i < singles.Length; i++)
        {
            (int contender, RangeEnds ends) = singles[i];
            if (!results[i].Equals(nominal[contender]))
            {
                _matters[contender] |= ends.Low | ends.High;
            }
        }

        FindWhatMattersJointly(nominal);
        for (int contender = 0; contender < nominal.Length; contender++)
        {
            _costs.Add((contender, default), _contenders[contender].Cost(nominal[contender]));
        }

        for (int i = 0; i < singles.Length; i++)
        {
            (int contender, RangeEnds ends) = singles[i];
            if ((_matters[contender] & (ends.Low | ends.High)) != 0)
            {
                _costs.Add(singles[i], _contenders[contender].Cost(results[i]));
            }
        }
    }

    /// <summary>Finds parameters that change a run only together: one of them matters if leaving it out changes the run again.</summary>
    private void FindWhatMattersJointly(TResult[] nominal)
    {
        ulong all = _lows | _highs;
        Parallel.For(0, nominal.Length, contender =>
        {
            ulong idle = all & ~_matters[contender];
            _matters[contender] |= FindWhatMattersAt(Changed(new RangeEnds(idle, 0)), contender, nominal[contender])
                | FindWhatMattersAt(Changed(new RangeEnds(0, idle)), contender, nominal[contender]);
        });
    }

    private ulong FindWhatMattersAt(RangeEnds ends, int contender, TResult nominal)
    {
        ulong parameters = ends.Low | ends.High;
        if (parameters == 0)
        {
            return 0;
        }

        TResult together = RunAt(contender, SettingsOf(ends));
        if (together.Equals(nominal))
        {
            return 0;
        }

        ulong matters = 0;
        for (ulong left = parameters; left != 0; left &= left - 1)
        {
            ulong one = left & ~(left - 1);
            var without = new RangeEnds(ends.Low & ~one, ends.High & ~one);
            matters |= RunAt(contender, SettingsOf(without)).Equals(together) ? 0 : one;
        }

        return matters;
    }

    private TResult RunAt(int contender, ParameterSetting[] settings)
    {
        TResult result = _contenders[contender].Run(_model.With(settings));
        long finished = Interlocked.Increment(ref _finished);
        _progress?.Report(finished);
        return result;
    }
}

/// <summary>Which parameters are set to an end of their range; the others have their nominal value.</summary>
/// <param name="Low">Bit n for parameter n at its lower end.</param>
/// <param name="High">Bit n for parameter n at its upper end.</param>
internal readonly record struct RangeEnds(ulong Low, ulong High)
{
    /// <summary>Largest number of parameters.</summary>
    public const int MaxParameters = 64;

    /// <summary>Lists the corners of some parameters, each at one end or the other.</summary>
    /// <param name="parameters">Bit n for parameter n.</param>
    public static IEnumerable<RangeEnds> CornersOf(ulong parameters)
    {
        ulong high = 0;
        do
        {
            yield return new RangeEnds(parameters & ~high, high);
            high = (high - parameters) & parameters; // the next subset
        }
        while (high != 0);
    }
}
