using System.Collections.Concurrent;

namespace X86Pae.Fuzzing;

/// <summary>Random scenarios from a seed, on all cores. What a run does depends on seed and number of cases alone.</summary>
/// <param name="seed">Start of the random sequence.</param>
/// <param name="cases">Number of cases: accesses, register writes and invalidations that are compared.</param>
public sealed class FuzzRun(ulong seed, long cases)
{
    private const int FailuresShrunk = 8;

    private readonly ConcurrentBag<long> _failing = [];
    private readonly Lock _lock = new();
    private readonly ScenarioStatistics _statistics = new();
    private long _passed;
    private long _scenariosDone;

    /// <summary>Runs all scenarios.</summary>
    /// <param name="progress">Told now and then how many cases are done; called by one thread at a time.</param>
    public FuzzSummary Run(Action<long> progress)
    {
        long scenarios = (cases + MmuScenarioGenerator.Cases - 1) / MmuScenarioGenerator.Cases;
        Parallel.For(
            0L,
            scenarios,
            () => new MmuScenarioRunner(),
            (number, _, runner) =>
            {
                RunOne(runner, number);
                Report(progress);
                return runner;
            },
            runner =>
            {
                lock (_lock)
                {
                    _statistics.Add(runner.Statistics);
                }
            });
        return new FuzzSummary(scenarios, _passed, _failing.Count, Smallest(), _statistics);
    }

    private void RunOne(MmuScenarioRunner runner, long number)
    {
        if (Mismatch(runner, Scenario(number), CasesIn(number)) is not null)
        {
            _failing.Add(number);
        }

        Interlocked.Add(ref _passed, runner.Passed);
    }

    private void Report(Action<long> progress)
    {
        long done = Interlocked.Increment(ref _scenariosDone) * MmuScenarioGenerator.Cases;
        lock (_lock)
        {
            progress(Math.Min(done, cases));
        }
    }

    /// <summary>What goes wrong in a scenario; an exception of the library's own is wrong as well.</summary>
    private static string? Mismatch(MmuScenarioRunner runner, Scenario scenario, int maxCases)
    {
        try
        {
            runner.Run(scenario, maxCases);
            return null;
        }
        catch (ScenarioMismatchException e)
        {
            return e.Message;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IndexOutOfRangeException)
        {
            return e.ToString();
        }
    }

    /// <summary>The scenario of a number.</summary>
    private Scenario Scenario(long number)
    {
        // SplitMix64 (Steele, Lea, Flood 2014).
        ulong z = seed + (((ulong)number + 1) * 0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return MmuScenarioGenerator.FromSeed((int)((z ^ (z >> 31)) & int.MaxValue));
    }

    /// <summary>The last scenario may be cut short.</summary>
    private int CasesIn(long number) =>
        (int)Math.Min(MmuScenarioGenerator.Cases, cases - (number * MmuScenarioGenerator.Cases));

    private FuzzFailure? Smallest() => _failing.Order().Take(FailuresShrunk)
        .Select(Shrink)
        .MinBy(failure => failure.Scenario.Steps.Count);

    private FuzzFailure Shrink(long number)
    {
        var runner = new MmuScenarioRunner();
        int maxCases = CasesIn(number);
        Scenario scenario = Scenario(number);
        string mismatch = Mismatch(runner, scenario, maxCases) ?? "the scenario passes when it is repeated";
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
                return new FuzzFailure(number, scenario, mismatch);
            }
        }
    }
}
