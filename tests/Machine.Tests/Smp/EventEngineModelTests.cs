using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Tests.Smp;

// Random programs of up to six processors, with costs of 0 to 5 cycles, so that clocks are often equal: against a simulation that
// goes cycle by cycle.
public sealed class EventEngineModelTests
{
    private const int Scenarios = 600;

    [Fact]
    public void Run_RandomPrograms_EndsWithTheClocksAccountsAndCountsOfTheNaiveMachine()
    {
        long interrupts = 0;
        long coalesced = 0;
        int deadlocks = 0;
        for (int seed = 0; seed < Scenarios; seed++)
        {
            var scenario = NaiveScenario.Create(seed);
            var naive = new NaiveMachine(scenario);
            RunOutcome expected = naive.Run();
            (Machine machine, EventEngine<ScriptProgram> engine) = Prepare(scenario);

            RunOutcome outcome = engine.Run();

            string wanted = Describe(seed, expected, naive);
            string found = Describe(seed, outcome, machine, engine);
            Assert.True(wanted == found, $"expected\n{wanted}\nbut the engine comes to\n{found}\nwith {scenario.Options} {scenario.Costs}");
            interrupts += naive.Cpus.Sum(cpu => cpu.Interrupts);
            coalesced += naive.Cpus.Sum(cpu => cpu.Sent) - naive.Cpus.Sum(cpu => cpu.Messages);
            deadlocks += expected == RunOutcome.Deadlocked ? 1 : 0;
        }

        // The scenarios are worth their time.
        Assert.True(interrupts > 2000, $"{interrupts} interrupts");
        Assert.True(coalesced > 200, $"{coalesced} targets shared a message");
        Assert.InRange(deadlocks, 10, Scenarios / 2);
    }

    // In one go or in slices of time, the same things happen.
    [Fact]
    public void Run_InSlices_IsTheSameRun()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var scenario = NaiveScenario.Create(seed);
            (Machine whole, EventEngine<ScriptProgram> wholeEngine) = Prepare(scenario);
            (Machine sliced, EventEngine<ScriptProgram> slicedEngine) = Prepare(scenario);
            RunOutcome expected = wholeEngine.Run();

            RunOutcome outcome;
            long until = 0;
            while ((outcome = slicedEngine.Run(until)) == RunOutcome.TimeIsUp)
            {
                until += 7;
            }

            Assert.Equal(Describe(seed, expected, whole, wholeEngine), Describe(seed, outcome, sliced, slicedEngine));
            Assert.Equal(wholeEngine.Steps, slicedEngine.Steps);
        }
    }

    private static (Machine Machine, EventEngine<ScriptProgram> Engine) Prepare(NaiveScenario scenario)
    {
        var machine = new Machine(
            scenario.Costs.ToModel(), CpuFeatures.Pae36, scenario.Scripts.Length, 1 << 20, scenario.Options);
        foreach (Processor processor in machine.Processors)
        {
            processor.IsInUserMode = scenario.UserMode[processor.Index];
        }

        return (machine, new EventEngine<ScriptProgram>(machine, new ScriptProgram(scenario)));
    }

    private static string Describe(int seed, RunOutcome outcome, NaiveMachine naive) =>
        $"scenario {seed}: {outcome}, {naive.Cpus.Sum(cpu => cpu.Shootdowns)} shootdowns\n" + string.Join('\n', naive.Cpus.Select(cpu =>
            $"{cpu.Index}: {cpu.Clock}; {Accounts(account => cpu.Accounts[account])}; sent {cpu.Sent}, {cpu.Messages} messages, "
            + $"took {cpu.Interrupts}; last shootdown {cpu.LastShootdown}"));

    private static string Describe(int seed, RunOutcome outcome, Machine machine, EventEngine<ScriptProgram> engine) =>
        $"scenario {seed}: {outcome}, {engine.Shootdowns} shootdowns\n" + string.Join('\n', machine.Processors.ToArray().Select(cpu =>
        {
            EventCounts counts = cpu.Clock.Counts;
            return $"{cpu.Index}: {cpu.Clock.Now}; {Accounts(account => cpu.Clock.Accounts[account])}; sent {counts.IpisSent}, "
                + $"{counts.IpiMessages} messages, took {counts.IpisHandled}; last shootdown {engine.LastShootdown(cpu).Total}";
        }));

    private static string Accounts(Func<CycleAccount, long> cycles) =>
        string.Join(", ", Enum.GetValues<CycleAccount>().Select(account => $"{account} {cycles(account)}"));
}
