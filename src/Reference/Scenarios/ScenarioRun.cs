using System.Collections.Concurrent;

namespace X86Pae.Reference.Scenarios;

/// <summary>Random scenarios from a seed, on all cores. What a run does depends on profile, seed and number of cases alone.</summary>
internal sealed class ScenarioRun(Func<MmuSetup, IMmuAdapter> create, MmuProfile profile, ulong seed, long cases)
{
    private const int FailuresReduced = 8;

    private readonly ConcurrentBag<long> _failing = [];
    private readonly Lock _lock = new();
    private readonly ScenarioStatistics _statistics = new();
    private readonly SortedDictionary<string, long> _leftOut = new(StringComparer.Ordinal);
    private long _passed;
    private long _scenariosDone;

    /// <summary>Runs all scenarios.</summary>
    /// <param name="progress">Told now and then how many cases are done; called by one thread at a time.</param>
    public ConformanceReport Run(Action<long>? progress)
    {
        long scenarios = (cases + ScenarioGenerator.Cases - 1) / ScenarioGenerator.Cases;
        Parallel.For(
            0L,
            scenarios,
            () => new ScenarioRunner(create, profile),
            (number, _, runner) =>
            {
                RunOne(runner, number);
                Report(progress);
                return runner;
            },
            Add);
        return new ConformanceReport($"Random scenarios from seed {seed}", profile)
        {
            Scenarios = scenarios,
            Passed = _passed,
            Failed = _failing.Count,
            LeftOut = _leftOut,
            Outcomes = _statistics.ToOutcomes(),
            Failures = Smallest(),
        };
    }

    private void RunOne(ScenarioRunner runner, long number)
    {
        if (Mismatch(runner, Scenario(number), CasesIn(number)) is not null)
        {
            _failing.Add(number);
        }

        Interlocked.Add(ref _passed, runner.Passed);
    }

    private void Add(ScenarioRunner runner)
    {
        lock (_lock)
        {
            _statistics.Add(runner.Statistics);
            foreach ((string need, long count) in runner.LeftOut)
            {
                _leftOut[need] = _leftOut.GetValueOrDefault(need) + count;
            }
        }
    }

    private void Report(Action<long>? progress)
    {
        long done = Interlocked.Increment(ref _scenariosDone) * ScenarioGenerator.Cases;
        if (progress is not null)
        {
            lock (_lock)
            {
                progress(Math.Min(done, cases));
            }
        }
    }

    /// <summary>What goes wrong in a scenario, and which rule that breaks; an exception of the MMU's own is wrong as well.</summary>
    private static (string Text, Rule? Rule)? Mismatch(ScenarioRunner runner, Scenario scenario, int maxCases)
    {
        try
        {
            runner.Run(scenario, maxCases);
            return null;
        }
        catch (ScenarioMismatchException e)
        {
            return (e.Message, e.Rule);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return (e.ToString(), null);
        }
    }

    /// <summary>The scenario of a number.</summary>
    private Scenario Scenario(long number)
    {
        // SplitMix64 (Steele, Lea, Flood 2014).
        ulong z = seed + (((ulong)number + 1) * 0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return ScenarioGenerator.FromSeed((int)((z ^ (z >> 31)) & int.MaxValue), profile);
    }

    /// <summary>The last scenario may be cut short.</summary>
    private int CasesIn(long number) =>
        (int)Math.Min(ScenarioGenerator.Cases, cases - (number * ScenarioGenerator.Cases));

    /// <summary>The first scenarios that fail, reduced; the smallest first.</summary>
    private ConformanceFailure[] Smallest() =>
        [.. _failing.Order().Take(FailuresReduced).Select(Reduced).OrderBy(failure => failure.Steps.Count)];

    /// <summary>Leaves out steps as long as what is left still fails.</summary>
    private ConformanceFailure Reduced(long number)
    {
        var runner = new ScenarioRunner(create, profile);
        int maxCases = CasesIn(number);
        Scenario scenario = Scenario(number);
        (string Text, Rule? Rule) mismatch =
            Mismatch(runner, scenario, maxCases) ?? ("the scenario passes when it is repeated", null);
        while (true)
        {
            bool smaller = false;
            foreach (Scenario candidate in scenario.Smaller())
            {
                if (Mismatch(runner, candidate, maxCases) is { } still)
                {
                    (scenario, mismatch, smaller) = (candidate, still, true);
                    break;
                }
            }

            if (!smaller)
            {
                string setup = scenario.Setup(profile.Has(MmuCapabilities.All));
                return new ConformanceFailure(
                    $"scenario {number}", mismatch.Rule, mismatch.Text, setup, [.. scenario.Steps.Select(step => step.ToString())]);
            }
        }
    }
}
