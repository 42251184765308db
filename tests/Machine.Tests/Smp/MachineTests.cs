using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Tests.Smp;

// Core Duo: 21 for each target's queue and 60 to fetch its line, 80 to find the command register idle and 80 to write it, 250 on
// the wire; a target takes 400 to enter, 80 to acknowledge the interrupt, then the handler, 60 until the initiator sees it, 240 to
// return.
public sealed class MachineTests
{
    private const int Queue = 21 + 60;
    private const int Message = 80 + 80;
    private const int Wire = 250;
    private const int Entry = 400 + 80;
    private const int Transfer = 60;
    private const int Return = 240;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(4, 2)]
    [InlineData(8, 3)]
    [InlineData(32, 4)]
    public void RunOnEach_AnyClocksAndCosts_FollowsTheDecomposition(int processors, int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 50; round++)
        {
            Machine machine = Create(processors);
            int[] costs = [.. Enumerable.Range(0, processors).Select(_ => random.Next(2000))];
            long[] before = [.. Enumerable.Range(0, processors).Select(_ => random.NextInt64(3000))];
            int initiator = random.Next(processors);
            foreach (Processor processor in machine.Processors)
            {
                processor.Clock.IdleUntil(before[processor.Index]);
            }

            var handler = new ChargingHandler(costs);
            machine.RunOnEach(machine.Processors[initiator], ref handler);

            int targets = processors - 1;
            long sent = before[initiator] + (targets == 0 ? 0 : (targets * Queue) + Message);
            long end = sent + costs[initiator];
            foreach (Processor target in machine.Processors)
            {
                if (target.Index != initiator)
                {
                    long accepted = Math.Max(sent + Wire, before[target.Index]);
                    long done = accepted + Entry + costs[target.Index];
                    end = Math.Max(end, done + Transfer);
                    Assert.Equal(done + Return, target.Clock.Now);
                    Assert.Equal(done + Return - accepted, Sum(target.Clock.Accounts));
                    Assert.Equal(costs[target.Index], target.Clock.Accounts[CycleAccount.Flush]);
                    Assert.Equal((0L, 1L), (target.Clock.Counts.IpisSent, target.Clock.Counts.IpisHandled));
                }
            }

            ProcessorClock clock = machine.Processors[initiator].Clock;
            Assert.Equal(end, clock.Now);
            Assert.Equal(end - before[initiator], Sum(clock.Accounts));
            Assert.Equal(costs[initiator], clock.Accounts[CycleAccount.Flush]);
            Assert.Equal(((long)targets, 0L), (clock.Counts.IpisSent, clock.Counts.IpisHandled));
            Assert.Equal(Enumerable.Range(0, processors), handler.Order.Order());
        }
    }

    [Fact]
    public void RunOnEach_IdleTarget_WaitsForTheMessage()
    {
        Machine machine = Create(2);
        machine.Processors[0].Clock.IdleUntil(10_000);

        Run(machine, cost: 100);

        Assert.Equal(10_000 + Queue + Message + Wire + Entry + 100 + Return, machine.Processors[1].Clock.Now);
        Assert.Equal(Entry + 100 + Return, Sum(machine.Processors[1].Clock.Accounts));
    }

    // A target that is busy with something that cannot be interrupted delays the initiator by what it has left to do.
    [Theory]
    [InlineData(1)]
    [InlineData(777)]
    public void RunOnEach_BusyTarget_DelaysTheInitiatorByItsRemainingTime(int remaining)
    {
        Machine idle = Create(3);
        Machine busy = Create(3);
        busy.Processors[2].Clock.Charge(CycleAccount.Work, (2 * Queue) + Message + Wire + remaining);

        Run(idle, cost: 100);
        Run(busy, cost: 100);

        Assert.Equal(idle.Processors[0].Clock.Now + remaining, busy.Processors[0].Clock.Now);
        Assert.Equal(idle.Processors[1].Clock.Now, busy.Processors[1].Clock.Now);
        Assert.Equal(
            idle.Processors[0].Clock.Accounts[CycleAccount.Shootdown] + remaining,
            busy.Processors[0].Clock.Accounts[CycleAccount.Shootdown]);
    }

    [Fact]
    public void RunOnEach_TargetThatIsBusyForLessThanTheFlight_DelaysNobody()
    {
        Machine idle = Create(2);
        Machine busy = Create(2);
        busy.Processors[1].Clock.Charge(CycleAccount.Work, Queue + Message + Wire);

        Run(idle, cost: 0);
        Run(busy, cost: 0);

        Assert.Equal(idle.Processors[0].Clock.Now, busy.Processors[0].Clock.Now);
    }

    // The initiator's own part overlaps with the message's flight and the targets' work.
    [Fact]
    public void RunOnEach_LocalPartLongerThanTheOthers_IsAllThatIsWaitedFor()
    {
        Machine machine = Create(2);
        var handler = new ChargingHandler([5000, 0]);

        machine.RunOnEach(machine.Processors[0], ref handler);

        Assert.Equal(Queue + Message + 5000, machine.Processors[0].Clock.Now);
        Assert.Equal(Queue + Message, machine.Processors[0].Clock.Accounts[CycleAccount.Shootdown]);
    }

    [Fact]
    public void RunOnEach_OneProcessor_CostsTheHandlerOnly()
    {
        Machine machine = Create(1);

        Run(machine, cost: 100);

        Assert.Equal((100L, 0L), (machine.Processors[0].Clock.Now, machine.Processors[0].Clock.Counts.IpisSent));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public void Create_NumberOfProcessorsOutOfRange_Throws(int processors)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(processors));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void RunOnEach_InitiatorOfAnotherMachine_IsRefusedByName(int initiator)
    {
        Machine machine = Create(2);
        Processor stranger = Create(4).Processors[initiator];
        var handler = new ChargingHandler([1, 1]);

        Assert.Throws<ArgumentException>(nameof(initiator), () => machine.RunOnEach(stranger, ref handler));

        Assert.Equal(0, machine.Processors[0].Clock.Now);
    }

    // Translation caches belong to one processor each; software keeps them coherent.
    [Fact]
    public void Processors_TranslationCaches_AreTheirOwn()
    {
        Machine machine = Create(2);
        var memory = new RamBus(machine.Memory);
        memory.Store(0x1000, 0x2001ul);
        memory.Store(0x2000, 0x3023ul);
        memory.Store(0x3000, 0x40_0063ul);
        memory.Store(0x40_0000, 1);
        memory.Store(0x40_1000, 2);
        foreach (Processor processor in machine.Processors)
        {
            Assert.True(processor.Mmu.WriteCr3(0x1000));
            Assert.True(processor.Mmu.WriteCr4((uint)Cr4.PhysicalAddressExtension));
            Assert.True(processor.Mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging)));
            Assert.Equal(1, Read(processor));
        }

        memory.Store(0x3000, 0x40_1063ul);
        machine.Processors[0].Mmu.Invlpg(0);

        Assert.Equal((2, 1), (Read(machine.Processors[0]), Read(machine.Processors[1])));
        machine.Processors[1].Mmu.WriteCr3(0x1000);
        Assert.Equal(2, Read(machine.Processors[1]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Flush_ByAProcessorOfAnotherMachine_IsRefusedBeforeAnybodyIsInterrupted(bool full)
    {
        Machine machine = Create(2);
        Processor foreign = Create(2).Processors[0];

        Assert.Throws<ArgumentException>("initiator", () => machine.Flush(foreign, full ? TlbFlush.All : TlbFlush.Page(0x5000)));
        Assert.Equal((0L, 0L), (foreign.Clock.Now, machine.Processors[1].Clock.Now));
    }

    private static Machine Create(int processors) => new(CpuModels.CoreDuo, CpuFeatures.Pae36, processors, 16 << 20);

    private static void Run(Machine machine, int cost)
    {
        var handler = new ChargingHandler([.. Enumerable.Repeat(cost, machine.Processors.Length)]);
        machine.RunOnEach(machine.Processors[0], ref handler);
    }

    private static int Read(Processor processor)
    {
        Assert.False(processor.Mmu.Read(0, Access.SupervisorRead, out int value).IsFault);
        return value;
    }

    private static long Sum(CycleAccounts accounts)
    {
        long sum = 0;
        foreach (long cycles in accounts)
        {
            sum += cycles;
        }

        return sum;
    }
}
