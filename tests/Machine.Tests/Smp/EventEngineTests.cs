using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Tests.Smp;

// Core Duo, as in MachineTests: queue 81 for each target, message 160, wire 250, entry and handler 480, INVLPG 150, flag seen after
// 60, return 240; a lock 21, its line 60; CLI 9, STI 17.
public sealed class EventEngineTests
{
    private const uint Page = 0x1000;

    [Fact]
    public void Run_NothingToDo_Finishes()
    {
        (Machine machine, EventEngine<ListProgram> engine) = Create(new ProcessorOperation[3][]);

        Assert.Equal(RunOutcome.Finished, engine.Run());
        Assert.Equal([0L, 0, 0], Clocks(machine));
    }

    // One initiator and idle targets: what the machine does at once, step by step.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(64)]
    public void Run_OneShootdown_IsWhatTheMachineDoesAtOnce(int processors)
    {
        for (int seed = 0; seed < (processors > 8 ? 10 : 100); seed++)
        {
            var random = new Random(seed);
            var options = new ShootdownOptions
            {
                Delivery = (IpiDelivery)random.Next(3),
                Requests = (RequestPassing)random.Next(2),
                Acknowledgement = (Acknowledgement)random.Next(2),
                LocalFlush = (LocalFlush)random.Next(2),
                ProcessorsPerPackage = random.Next(2) == 0 ? null : random.Next(1, 5),
            };
            CpuModel model = NaiveCosts.Random(random).ToModel();
            int initiator = random.Next(processors);
            ProcessorSet set = default;
            for (int i = 0; i < processors; i++)
            {
                if (random.Next(3) != 0)
                {
                    set.Add(i);
                }
            }

            TlbFlush flush = TlbFlush.Range(0, (uint)random.Next(1, 5) * Page);
            var atOnce = new Machine(model, CpuFeatures.Pae36, processors, 1 << 20, options);
            var stepwise = new Machine(model, CpuFeatures.Pae36, processors, 1 << 20, options);
            foreach (Processor processor in atOnce.Processors)
            {
                if (processor.Index != initiator)
                {
                    long busy = random.Next(100);
                    processor.Clock.IdleUntil(busy);
                    stepwise.Processors[processor.Index].Clock.IdleUntil(busy);
                    long off = random.Next(2) * random.Next(200);
                    processor.HoldInterruptsUntil(off);
                    stepwise.Processors[processor.Index].HoldInterruptsUntil(off);
                    bool user = random.Next(2) == 0;
                    processor.IsInUserMode = user;
                    stepwise.Processors[processor.Index].IsInUserMode = user;
                }
            }

            var operations = new ProcessorOperation[processors][];
            operations[initiator] = [ProcessorOperation.Shootdown(flush, in set)];
            var engine = new EventEngine<ListProgram>(stepwise, new ListProgram(operations));

            ShootdownParts parts = atOnce.Flush(atOnce.Processors[initiator], in set, flush);
            Assert.Equal(RunOutcome.Finished, engine.Run());

            Assert.Equal(parts, engine.LastShootdown(stepwise.Processors[initiator]));
            Assert.Equal(Clocks(atOnce), Clocks(stepwise));
            for (int i = 0; i < processors; i++)
            {
                Assert.Equal(atOnce.Processors[i].Clock.Accounts, stepwise.Processors[i].Clock.Accounts);
                Assert.Equal(atOnce.Processors[i].Clock.Counts, stepwise.Processors[i].Clock.Counts);
            }
        }
    }

    // Both send at cycle 241 and wait; each takes the other's interrupt at 491 while it waits, and both end at the same time:
    // 491 + 480 + 150 + 60 = 1181, but not before its own handler has returned at 491 + 480 + 150 + 240 = 1361.
    [Fact]
    public void Run_MutualShootdown_BothEnd()
    {
        (Machine machine, EventEngine<ListProgram> engine) = Create([Shoot()], [Shoot()]);

        Assert.Equal(RunOutcome.Finished, engine.Run());

        Assert.Equal([1361L, 1361], Clocks(machine));
        ShootdownParts expected = new()
        {
            Targets = 1,
            Messages = 1,
            Setup = 81,
            Send = 160,
            Wire = 250,
            Entry = 400,
            EndOfInterrupt = 40,
            Handler = 40,
            Flush = 150,
            Observation = 60 + 180,
            TargetCycles = 480 + 150 + 240,
        };
        Assert.Equal(expected, engine.LastShootdown(machine.Processors[0]));
        Assert.Equal(expected, engine.LastShootdown(machine.Processors[1]));
        Assert.Equal(2, engine.Shootdowns);
    }

    // Processors 0 and 1 ask 2 for a page each. The first request brings an interrupt, taken at 491; the second is inserted at 281,
    // finds the queue in use and sends nothing. The target does both: 491 + 480, then 150 each, and one return.
    [Fact]
    public void Run_SecondRequestToATargetWhoseInterruptIsPending_SendsNoMessage()
    {
        ProcessorSet target = ProcessorSet.Of(2);
        (Machine machine, EventEngine<ListProgram> engine) = Create(
            [ProcessorOperation.Shootdown(TlbFlush.Page(0), in target)],
            [ProcessorOperation.Compute(200), ProcessorOperation.Shootdown(TlbFlush.Page(Page), in target)],
            []);

        Assert.Equal(RunOutcome.Finished, engine.Run());

        Assert.Equal([491 + 480 + 150 + 60, 491 + 480 + 300 + 60, 491 + 480 + 300 + 240], Clocks(machine));
        Assert.Equal((1L, 1L), (machine.Processors[0].Clock.Counts.IpisSent, machine.Processors[0].Clock.Counts.IpiMessages));
        Assert.Equal((0L, 0L), (machine.Processors[1].Clock.Counts.IpisSent, machine.Processors[1].Clock.Counts.IpiMessages));
        Assert.Equal(1, machine.Processors[2].Clock.Counts.IpisHandled);
        Assert.Equal(
            new ShootdownParts
            {
                Targets = 1,
                Setup = 81,
                Acceptance = 491 - 281,
                Entry = 400,
                EndOfInterrupt = 40,
                Handler = 40 + 150, // and the other's page
                Flush = 150,
                Observation = 60,
                TargetCycles = 150,
            },
            engine.LastShootdown(machine.Processors[1]));
    }

    // Without coalescing each request brings a message; the second one finds the queue empty.
    [Fact]
    public void Run_WithoutCoalescing_InterruptsTwice()
    {
        ProcessorSet target = ProcessorSet.Of(2);
        (Machine machine, EventEngine<ListProgram> engine) = Create(
            new ShootdownOptions { Coalesces = false },
            [ProcessorOperation.Shootdown(TlbFlush.Page(0), in target)],
            [ProcessorOperation.Compute(200), ProcessorOperation.Shootdown(TlbFlush.Page(Page), in target)],
            []);

        Assert.Equal(RunOutcome.Finished, engine.Run());

        Assert.Equal(2, machine.Processors[2].Clock.Counts.IpisHandled);
        Assert.Equal(491 + 480 + 300 + 240 + 480 + 240, machine.Processors[2].Clock.Now);
    }

    // An interrupt lengthens a computation by exactly what it takes.
    [Fact]
    public void Run_InterruptDuringAComputation_AddsItsOwnTime()
    {
        (Machine machine, EventEngine<ListProgram> engine) = Create([Shoot()], [ProcessorOperation.Compute(600)]);

        engine.Run();

        Assert.Equal(600 + 480 + 150 + 240, machine.Processors[1].Clock.Now);
        Assert.Equal(600, machine.Processors[1].Clock.Accounts[CycleAccount.Work]);
        Assert.Equal(491 + 480 + 150 + 60, machine.Processors[0].Clock.Now);
    }

    // V57. Off from 9 on, for 2000 cycles: the interrupt that arrived at 491 is taken at 9 + 2000 + 17.
    [Fact]
    public void Run_InterruptsOff_DelaysTheInitiatorByWhatIsLeftAtArrival()
    {
        (Machine machine, EventEngine<ListProgram> engine) = Create(
            [Shoot()],
            [ProcessorOperation.DisableInterrupts, ProcessorOperation.Compute(2000), ProcessorOperation.EnableInterrupts]);

        engine.Run();

        Assert.Equal(2026 - 491, engine.LastShootdown(machine.Processors[0]).Acceptance);
        Assert.Equal(2026 + 480 + 150 + 60, machine.Processors[0].Clock.Now);
    }

    // Three ask at 10, 20 and 30 for a lock that the first holds for 1000 cycles: they get it in the order in which they asked.
    [Fact]
    public void Run_SpinLock_IsServedInTheOrderOfAsking()
    {
        var spinLock = new SimulatedSpinLock();
        ProcessorOperation[] Holding(int from) =>
        [
            ProcessorOperation.Compute(from), ProcessorOperation.Acquire(spinLock), ProcessorOperation.Compute(1000),
            ProcessorOperation.Release(spinLock),
        ];
        (Machine machine, EventEngine<ListProgram> engine) = Create(Holding(30), Holding(10), Holding(20));

        engine.Run();

        const int First = 10 + 21 + 1000;
        const int Second = First + 21 + 60 + 1000;
        Assert.Equal([Second + 21 + 60 + 1000, First, Second], Clocks(machine));
        Assert.Equal(Second - 30 + 81, machine.Processors[0].Clock.Accounts[CycleAccount.Lock]);
    }

    [Fact]
    public void Run_Mutex_LetsItsWaitersSleep()
    {
        var mutex = new SimulatedMutex();
        ProcessorOperation[] operations =
            [ProcessorOperation.Acquire(mutex), ProcessorOperation.Compute(1000), ProcessorOperation.Release(mutex)];
        (Machine machine, EventEngine<ListProgram> engine) = Create(operations, operations);

        engine.Run();

        Assert.Equal([1021L, 1021 + 81 + 1000], Clocks(machine));
        Assert.Equal(81, machine.Processors[1].Clock.Accounts[CycleAccount.Lock]);
        Assert.Null(mutex.Holder);
    }

    // A processor that spins with its interrupts on takes them; one that has them off keeps the holder waiting, here for ever.
    [Theory]
    [InlineData(false, RunOutcome.Finished)]
    [InlineData(true, RunOutcome.Deadlocked)]
    public void Run_ShootdownUnderALockThatOthersSpinOn_NeedsTheirInterruptsOn(bool off, RunOutcome outcome)
    {
        var spinLock = new SimulatedSpinLock();
        (_, EventEngine<ListProgram> engine) = Create(
            [ProcessorOperation.Acquire(spinLock), ProcessorOperation.Compute(100), Shoot(), ProcessorOperation.Release(spinLock)],
            [off ? ProcessorOperation.DisableInterrupts : ProcessorOperation.Compute(9), ProcessorOperation.Acquire(spinLock)]);

        Assert.Equal(outcome, engine.Run());
    }

    [Fact]
    public void Run_WaitChannel_WakesInOrder()
    {
        var channel = new WaitChannel();
        (Machine machine, EventEngine<ListProgram> engine) = Create(
            [ProcessorOperation.Compute(100), ProcessorOperation.WakeOne(channel), ProcessorOperation.Compute(100), ProcessorOperation.WakeAll(channel)],
            [ProcessorOperation.Compute(2), ProcessorOperation.Sleep(channel)],
            [ProcessorOperation.Compute(1), ProcessorOperation.Sleep(channel)],
            [ProcessorOperation.Compute(3), ProcessorOperation.Sleep(channel), ProcessorOperation.Compute(1)]);

        Assert.Equal(RunOutcome.Finished, engine.Run());
        Assert.Equal([200L, 200, 100, 201], Clocks(machine));
        Assert.Equal(0, channel.Count);
    }

    [Fact]
    public void Run_SleepThatNobodyEnds_IsADeadlock()
    {
        (_, EventEngine<ListProgram> engine) = Create([ProcessorOperation.Sleep(new WaitChannel())], []);

        Assert.Equal(RunOutcome.Deadlocked, engine.Run());
    }

    [Fact]
    public void Run_ShootdownWithInterruptsOff_Throws()
    {
        (_, EventEngine<ListProgram> engine) = Create([ProcessorOperation.DisableInterrupts, Shoot()], []);

        Assert.Throws<InvalidOperationException>(() => engine.Run());
    }

    [Fact]
    public void Locks_WrongUse_Throws()
    {
        (Machine machine, _) = Create([], []);
        var spinLock = new SimulatedSpinLock();
        spinLock.Acquire(machine.Processors[0]);

        Assert.Same(machine.Processors[0], spinLock.Holder);
        Assert.Throws<InvalidOperationException>(() => spinLock.Acquire(machine.Processors[1]));
        Assert.Throws<InvalidOperationException>(() => spinLock.Release(machine.Processors[1]));
    }

    // All processors shoot at each other, in turn and at once.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(64)]
    [InlineData(1024)]
    public void Run_TheSameTwice_IsTheSameInEveryRespect(int processors)
    {
        int rounds = processors > 64 ? 1 : 4;
        (Machine one, EventEngine<ListProgram> engine) = Storm(processors, rounds);
        (Machine other, EventEngine<ListProgram> otherEngine) = Storm(processors, rounds);

        Assert.Equal(RunOutcome.Finished, engine.Run());
        Assert.Equal(RunOutcome.Finished, otherEngine.Run());

        Assert.Equal(processors > 64 ? 16 : processors * rounds, engine.Shootdowns);
        Assert.Equal((engine.Steps, engine.Shootdowns), (otherEngine.Steps, otherEngine.Shootdowns));
        for (int i = 0; i < processors; i++)
        {
            Assert.Equal(one.Processors[i].Clock.Now, other.Processors[i].Clock.Now);
            Assert.Equal(one.Processors[i].Clock.Accounts, other.Processors[i].Clock.Accounts);
            Assert.Equal(one.Processors[i].Clock.Counts, other.Processors[i].Clock.Counts);
            Assert.Equal(engine.LastShootdown(one.Processors[i]), otherEngine.LastShootdown(other.Processors[i]));
        }
    }

    [Fact]
    public void Run_ManyShootdowns_AllocatesNothingOnceItHasRun()
    {
        var machine = new Machine(CpuModels.CoreDuo, CpuFeatures.Pae36, 16, 1 << 20);
        var engine = new EventEngine<EndlessProgram>(machine, default);
        long until = 1_000_000;

        Assert.Equal(0, Allocation.Of(1, _ => engine.Run(until += 1_000_000)));
        Assert.True(engine.Shootdowns > 1000);
    }

    private static ProcessorOperation Shoot() => ProcessorOperation.Shootdown(TlbFlush.Page(Page));

    private static (Machine Machine, EventEngine<ListProgram> Engine) Create(params ProcessorOperation[][] operations) =>
        Create(ShootdownOptions.Default, operations);

    private static (Machine Machine, EventEngine<ListProgram> Engine) Create(
        ShootdownOptions options, params ProcessorOperation[][] operations)
    {
        var machine = new Machine(CpuModels.CoreDuo, CpuFeatures.Pae36, operations.Length, 1 << 20, options);
        return (machine, new EventEngine<ListProgram>(machine, new ListProgram(operations)));
    }

    private static (Machine Machine, EventEngine<ListProgram> Engine) Storm(int processors, int rounds)
    {
        var random = new Random(processors);
        var operations = new ProcessorOperation[processors][];
        for (int i = 0; i < processors; i++)
        {
            operations[i] = processors > 64 && i >= 16
                ? []
                : [.. Enumerable.Range(0, rounds).SelectMany(_ => (ProcessorOperation[])[ProcessorOperation.Compute(random.Next(3000)), Shoot()])];
        }

        return Create(operations);
    }

    private static long[] Clocks(Machine machine) => [.. machine.Processors.ToArray().Select(processor => processor.Clock.Now)];

    /// <summary>Every processor computes a little and shoots, for ever.</summary>
    private struct EndlessProgram : IProgram
    {
        private uint _turn;

        public ProcessorOperation NextOperation(Processor processor)
        {
            _turn++;
            return (_turn & 1) == 0 ? ProcessorOperation.Compute(_turn % 500) : ProcessorOperation.Shootdown(TlbFlush.Page(_turn * Page));
        }
    }
}
