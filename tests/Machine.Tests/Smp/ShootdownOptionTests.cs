using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Tests.Smp;

// Each option by itself, on costs that no two parts share, so that a cycle in the wrong place shows:
// locked operation 1000, idle wait 3, ICR write 5, wire 100 (far 170, both threads in use 250), entry 10 from the kernel and 20 from
// user mode, end of interrupt 7 of 40, return 50, line transfer 200 (far 600). A flush takes 3000 on a target and 900 at home.
public sealed class ShootdownOptionTests
{
    private const int Target = 3000;
    private const int Home = 900;

    private static readonly CpuModel Model = CpuModels.CoreDuo with
    {
        LockedRmw = Cost(1000),
        IcrIdleWait = Cost(3),
        IcrWrite = Cost(5),
        IpiWire = Cost(100),
        IpiWireFar = Cost(170),
        IpiWireSmt = Cost(250),
        InterruptEntry = Cost(10),
        InterruptEntryUser = Cost(20),
        EoiAndHandlerEntry = Cost(40),
        Eoi = Cost(7),
        PageFaultReturn = Cost(50),
        AckTransfer = Cost(200),
        AckTransferFar = Cost(600),
    };

    private static readonly ShootdownParts ThreeTargets = new()
    {
        Targets = 3,
        Messages = 1,
        Setup = 3 * 1200,
        Send = 8,
        Wire = 100,
        Entry = 10,
        EndOfInterrupt = 7,
        Handler = 33,
        Flush = Target,
        Observation = 200,
        TargetCycles = 3 * (10 + 40 + Target + 50),
    };

    [Fact]
    public void RunOnEach_Defaults_HasEveryPart()
    {
        Machine machine = Create(4, ShootdownOptions.Default);

        Assert.Equal(ThreeTargets, Run(machine));
        Assert.Equal(3600 + 8 + 100 + 50 + Target + 200, machine.Processors[0].Clock.Now);
        Assert.Equal(ThreeTargets.Total, machine.Processors[0].Clock.Now);
        Assert.Equal((3L, 1L), (machine.Processors[0].Clock.Counts.IpisSent, machine.Processors[0].Clock.Counts.IpiMessages));
    }

    [Fact]
    public void RunOnEach_ModelWithoutTheOptionalCosts_ChargesNothingForThem()
    {
        var machine = new Machine(
            Model with { IcrIdleWait = null, Eoi = null, IpiWireFar = null, AckTransferFar = null },
            CpuFeatures.Pae36,
            4,
            1 << 20,
            new ShootdownOptions { ProcessorsPerPackage = 2 });

        Assert.Equal(ThreeTargets with { Send = 5, EndOfInterrupt = 0, Handler = 40 }, Run(machine));
    }

    [Theory]
    [InlineData(IpiDelivery.AllButSelf, 8, 1)]
    [InlineData(IpiDelivery.AllButSelf, 1024, 1)]
    [InlineData(IpiDelivery.Logical, 8, 1)] // flat
    [InlineData(IpiDelivery.Logical, 9, 3)] // xAPIC clusters of four
    [InlineData(IpiDelivery.Logical, 60, 15)]
    [InlineData(IpiDelivery.Logical, 61, 4)] // x2APIC clusters of 16
    [InlineData(IpiDelivery.Logical, 1024, 64)]
    [InlineData(IpiDelivery.PhysicalUnicast, 8, 7)]
    [InlineData(IpiDelivery.PhysicalUnicast, 1024, 1023)]
    public void RunOnEach_Delivery_DecidesTheNumberOfMessages(IpiDelivery delivery, int processors, int messages)
    {
        Machine machine = Create(processors, new ShootdownOptions { Delivery = delivery });

        ShootdownParts parts = Run(machine);

        Assert.Equal((processors - 1, messages), (parts.Targets, parts.Messages));
        Assert.Equal(messages, machine.Processors[0].Clock.Counts.IpiMessages);

        // The last target is reached by the last message; the first ones are done by then.
        Assert.Equal(8 * messages, parts.Send);
        Assert.Equal(100, parts.Wire);
    }

    // The shorthand reaches everybody else or nobody; the 32-bit kernel then names targets as flat or, on larger machines, one by one.
    [Theory]
    [InlineData(8, new[] { 1, 2, 3 }, 1)]
    [InlineData(8, new[] { 5 }, 1)]
    [InlineData(9, new[] { 1, 2, 3 }, 3)]
    [InlineData(9, new[] { 1, 2, 3, 4, 5, 6, 7, 8 }, 1)]
    public void RunOn_ShorthandAndSomeTargets_NamesThem(int processors, int[] targets, int messages)
    {
        Machine machine = Create(processors, ShootdownOptions.Default);
        var handler = new ChargingHandler(Costs(processors));

        ShootdownParts parts = machine.RunOn(machine.Processors[0], ProcessorSet.Of(targets), ref handler);

        Assert.Equal((targets.Length, messages), (parts.Targets, parts.Messages));
        Assert.Equal(targets, handler.Order);
        Assert.Equal(0, machine.Processors[0].Clock.Accounts[CycleAccount.Flush]);
    }

    [Fact]
    public void RunOn_Clusters_TakesOneMessageForEachThatHasATarget()
    {
        Machine machine = Create(32, new ShootdownOptions { Delivery = IpiDelivery.Logical });
        var handler = new ChargingHandler(Costs(32));

        Assert.Equal(3, machine.RunOn(machine.Processors[0], ProcessorSet.Of(1, 2, 12, 15, 31), ref handler).Messages);
    }

    // Each message leaves when the one before has been written; the last target ends last.
    [Fact]
    public void RunOnEach_Unicast_StaggersTheTargets()
    {
        Machine machine = Create(4, new ShootdownOptions { Delivery = IpiDelivery.PhysicalUnicast });

        Assert.Equal(ThreeTargets with { Messages = 3, Send = 3 * 8 }, Run(machine));
        Assert.Equal(
            [3600 + 8 + 100 + 3100, 3600 + 16 + 100 + 3100, 3600 + 24 + 100 + 3100],
            machine.Processors[1..].ToArray().Select(target => target.Clock.Now));
    }

    // Serial bus: a message of 100 cycles occupies it, and the sender's register is busy for as long.
    [Fact]
    public void RunOnEach_UnicastOnASerialBus_SerialisesTheMessages()
    {
        var options = new ShootdownOptions { Delivery = IpiDelivery.PhysicalUnicast };
        var machine = new Machine(
            Model with { InterruptBus = InterruptBus.Serial }, CpuFeatures.Pae36, 4, 1 << 20, options);

        Assert.Equal(ThreeTargets with { Messages = 3, Send = (2 * (8 + 100)) + 8 }, Run(machine));
        Assert.Equal(
            [3600 + 108 + 3100, 3600 + 216 + 3100, 3600 + 324 + 3100],
            machine.Processors[1..].ToArray().Select(target => target.Clock.Now));
    }

    // Another processor's message is on the bus until 4000: this one, written at 3608, waits for it.
    [Fact]
    public void RunOnEach_SerialBusInUse_Waits()
    {
        var machine = new Machine(Model with { InterruptBus = InterruptBus.Serial }, CpuFeatures.Pae36, 4, 1 << 20);
        machine.Processors[3].Clock.IdleUntil(3892);
        machine.Network.Send(machine.Processors[3]);

        Assert.Equal(ThreeTargets with { Wire = 4000 - 3608 + 100 }, Run(machine));
    }

    // All targets are done at once; each waits for the counter's line and a locked operation, and the initiator fetches it back.
    [Fact]
    public void RunOnEach_SharedCounter_SerialisesTheAcknowledgements()
    {
        Machine machine = Create(4, new ShootdownOptions { Acknowledgement = Acknowledgement.SharedCounter });

        Assert.Equal(
            ThreeTargets with { Acknowledgement = 3 * 1200, TargetCycles = ThreeTargets.TargetCycles + (1200 * (1 + 2 + 3)) },
            Run(machine));
        Assert.Equal(
            [1200, 2400, 3600], machine.Processors[1..].ToArray().Select(target => target.Clock.Now - 3708 - 3100));
    }

    // Targets come to the counter in the order in which they finish, not of their numbers: 3, then 1; 2 when both are gone.
    [Fact]
    public void RunOnEach_SharedCounterAndUnequalTargets_ServesThemInOrderOfTime()
    {
        Machine machine = Create(4, new ShootdownOptions { Acknowledgement = Acknowledgement.SharedCounter });
        var handler = new ChargingHandler([Home, 3500, 9000, 3000]);

        ShootdownParts parts = machine.RunOnEach(machine.Processors[0], ref handler);

        Assert.Equal((9000L, 1200L), (parts.Flush, parts.Acknowledgement));
        Assert.Equal(
            [3000 + 1200 + 1200, 9000 + 1200, 3000 + 1200],
            machine.Processors[1..].ToArray().Select(target => target.Clock.Now - 3708 - 50 - 50));
    }

    [Fact]
    public void RunOnEach_LocalFlushFirst_DelaysEverythingByIt()
    {
        Machine machine = Create(4, new ShootdownOptions { LocalFlush = LocalFlush.First });

        Assert.Equal(ThreeTargets with { LocalFlush = Home }, Run(machine));
        Assert.Equal(Home + ThreeTargets.Total, machine.Processors[0].Clock.Now);
    }

    [Fact]
    public void RunOnEach_OwnPartLongerThanTheOthers_EndsWithIt()
    {
        Machine machine = Create(4, ShootdownOptions.Default);
        var handler = new ChargingHandler([50_000, Target, Target, Target]);

        ShootdownParts parts = machine.RunOnEach(machine.Processors[0], ref handler);

        Assert.Equal(
            new ShootdownParts
            {
                Targets = 3, Messages = 1, Setup = 3600, Send = 8, LocalFlush = 50_000, TargetCycles = ThreeTargets.TargetCycles,
            },
            parts);
        Assert.Equal(parts.Total, machine.Processors[0].Clock.Now);
    }

    [Fact]
    public void RunOnEach_SharedMessage_TakesOneLockedOperation()
    {
        Machine machine = Create(4, new ShootdownOptions { Requests = RequestPassing.SharedMessage });

        Assert.Equal(ThreeTargets with { Setup = 1000 }, Run(machine));
    }

    [Fact]
    public void RunOnEach_TargetInUserMode_EntersTheKernelFirst()
    {
        Machine machine = Create(4, ShootdownOptions.Default);
        machine.Processors[2].IsInUserMode = true;

        Assert.Equal(ThreeTargets with { Entry = 20, TargetCycles = ThreeTargets.TargetCycles + 10 }, Run(machine));
    }

    [Fact]
    public void RunOnEach_SiblingThreads_TakesTheLongerWire()
    {
        Machine machine = Create(4, new ShootdownOptions { SiblingThreads = true });

        Assert.Equal(ThreeTargets with { Wire = 250 }, Run(machine));
        Assert.Throws<ArgumentException>(() => new Machine(
            Model with { IpiWireSmt = null }, CpuFeatures.Pae36, 2, 1 << 20, new ShootdownOptions { SiblingThreads = true }));
        Assert.Throws<ArgumentException>(() => Create(4, new ShootdownOptions { SiblingThreads = true, ProcessorsPerPackage = 3 }));
    }

    // Processors 0 and 1 in one package, 2 and 3 in the other: lines and messages to those two take longer.
    [Fact]
    public void RunOnEach_TwoPackages_ReachesTheOtherOneAtTheFarCost()
    {
        Machine machine = Create(4, new ShootdownOptions { ProcessorsPerPackage = 2 });

        Assert.Equal(
            ThreeTargets with { Setup = 1200 + (2 * 1600), Wire = 170, Observation = 600 }, Run(machine));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(4, new ShootdownOptions { ProcessorsPerPackage = 0 }));
    }

    // The counter's line goes 0 -> 1 (near), 1 -> 2 (far), 2 -> 3 (near), 3 -> 0 (far). The two far targets are 70 later.
    [Fact]
    public void RunOnEach_SharedCounterAndTwoPackages_MovesTheLineBetweenThem()
    {
        Machine machine = Create(
            4, new ShootdownOptions { ProcessorsPerPackage = 2, Acknowledgement = Acknowledgement.SharedCounter });

        ShootdownParts parts = Run(machine);

        Assert.Equal((170L, 1200L + 1600 + 1200 - 70, 600L), (parts.Wire, parts.Acknowledgement, parts.Observation));
    }

    // V57. The message arrives at 3708.
    [Theory]
    [InlineData(0)]
    [InlineData(3708)]
    [InlineData(3709)]
    [InlineData(12_345)]
    public void RunOnEach_TargetWithInterruptsOff_DelaysTheInitiatorByWhatIsLeftAtArrival(int off)
    {
        Machine machine = Create(4, ShootdownOptions.Default);
        machine.Processors[3].HoldInterruptsUntil(off);

        ShootdownParts parts = Run(machine);

        Assert.Equal(ThreeTargets with { Acceptance = Math.Max(0, off - 3708) }, parts);
        Assert.Equal(parts.Total, machine.Processors[0].Clock.Now);
    }

    [Fact]
    public void Interrupts_OffAndOn_CostTheInstructions()
    {
        Processor processor = Create(1, ShootdownOptions.Default).Processors[0];

        Assert.True(processor.InterruptsEnabled);
        processor.DisableInterrupts(CycleAccount.Lock);
        Assert.False(processor.InterruptsEnabled);
        Assert.Equal(9, processor.Clock.Accounts[CycleAccount.Lock]);
        processor.EnableInterrupts(CycleAccount.Work);
        Assert.True(processor.InterruptsEnabled);
        Assert.Equal(17, processor.Clock.Accounts[CycleAccount.Work]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void RunOnEach_InterruptsOffForGood_IsADeadlock(int processor)
    {
        Machine machine = Create(4, ShootdownOptions.Default);
        machine.Processors[processor].DisableInterrupts(CycleAccount.Work);

        Assert.Throws<InvalidOperationException>(() => Run(machine));
    }

    [Theory]
    [InlineData(Acknowledgement.PerCpuFlags)]
    [InlineData(Acknowledgement.SharedCounter)]
    public void RunOnEach_AnyOptions_AllocatesNothing(Acknowledgement acknowledgement)
    {
        Machine machine = Create(64, new ShootdownOptions { Acknowledgement = acknowledgement, Delivery = IpiDelivery.Logical });
        CountingHandler handler = default;

        Assert.Equal(0, Allocation.Of(100, _ => machine.RunOnEach(machine.Processors[0], ref handler)));
        Assert.True(handler.Runs >= 64 * 100);
    }

    private static Parameter Cost(int value) =>
        new() { Value = value, Confidence = Confidence.Estimated, Source = "made up" };

    private static Machine Create(int processors, ShootdownOptions options) =>
        new(Model, CpuFeatures.Pae36, processors, 1 << 20, options);

    private static int[] Costs(int processors) => [Home, .. Enumerable.Repeat(Target, processors - 1)];

    private static ShootdownParts Run(Machine machine)
    {
        var handler = new ChargingHandler(Costs(machine.Processors.Length));
        return machine.RunOnEach(machine.Processors[0], ref handler);
    }

    private struct CountingHandler : IInterruptHandler
    {
        public int Runs { get; private set; }

        public void Handle(Processor processor) => Runs++;
    }
}
