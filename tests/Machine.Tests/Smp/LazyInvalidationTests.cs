using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Tests.Smp;

// A shootdown of pages is carried out on the caches when they are used next. No access anywhere may see a difference: against a
// machine whose processors execute INVLPG at once.
public sealed class LazyInvalidationTests
{
    private const int Processors = 3;
    private const uint Pages = 64;
    private const uint Frames = 0x40_0000;
    private const uint LargeAt = 0x20_0000; // one large page behind the table of 4-KiB pages

    public static TheoryData<string, bool> Models { get; } = new()
    {
        { "core-duo", false },
        { "core2-conroe", false },
        { "skylake", false },
        { "skylake", true },
        { "nehalem-lynnfield", true },
        { "pentium4-northwood", false },
        { "pentium4-northwood", true },
        { "zen1", true },
    };

    // With siblings, what one of them has not dropped yet must not take the room of what the other fills.
    [Theory]
    [MemberData(nameof(Models))]
    public void Flush_RandomAccessesInBetween_AreWhatImmediateInvalidationGives(string name, bool siblings)
    {
        var options = new ShootdownOptions { SiblingThreads = siblings };
        for (int seed = 0; seed < 4; seed++)
        {
            var random = new Random(seed);
            Machine lazy = Boot(CpuModels.Find(name)!, options);
            Machine eager = Boot(CpuModels.Find(name)!, options);
            for (int step = 0; step < 2000; step++)
            {
                uint linear = Linear(random, hasLarge: seed < 2);
                int cpu = random.Next(Processors);
                switch (random.Next(seed == 0 ? 400 : 8))
                {
                    case 0 or 1:
                        // Long runs of shootdowns fill the log.
                        for (int i = seed == 3 ? random.Next(400) : 1; i > 0; i--)
                        {
                            linear = Linear(random, hasLarge: seed < 2);
                            TlbFlush flush = TlbFlush.Range(linear, linear + (4096 * (uint)random.Next(1, 4)));
                            ProcessorSet set = ProcessorSet.First(Processors);
                            if (random.Next(3) == 0)
                            {
                                set.Remove(random.Next(Processors));
                            }

                            lazy.Flush(lazy.Processors[cpu], in set, flush);
                            var handler = new EagerHandler(flush);
                            eager.RunOn(eager.Processors[cpu], in set, ref handler);
                        }

                        break;
                    case 2:
                        Store(lazy, eager, 0x3000 + (8 * ((linear >> 12) % Pages)), (Frames + ((uint)random.Next(64) << 12)) | 0x123ul);
                        break;
                    case 3:
                        lazy.Processors[cpu].Mmu.WriteCr3(0x1000);
                        eager.Processors[cpu].Mmu.WriteCr3(0x1000);
                        break;
                    case 4:
                        Assert.Equal(
                            eager.Processors[cpu].Mmu.Probe(linear, Access.SupervisorRead),
                            lazy.Processors[cpu].Mmu.Probe(linear, Access.SupervisorRead));
                        break;
                    default:
                        Access access = random.Next(2) == 0 ? Access.SupervisorRead : Access.SupervisorFetch;
                        eager.Processors[cpu].Mmu.Read(linear, access, out uint expected);
                        lazy.Processors[cpu].Mmu.Read(linear, access, out uint actual);
                        Assert.Equal(expected, actual);
                        break;
                }
            }

            AssertSame(eager, lazy);
        }
    }

    // One message to everybody else is carried out in one loop; a handler of one's own takes each target by itself.
    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(65)]
    public void Flush_ToEverybody_IsWhatOneTargetAtATimeGives(int processors)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            CpuModel model = NaiveCosts.Random(random).ToModel();
            var options = new ShootdownOptions { LocalFlush = (LocalFlush)random.Next(2), Requests = (RequestPassing)random.Next(2) };
            var one = new Machine(model, CpuFeatures.Pae36, processors, 1 << 20, options);
            var other = new Machine(model, CpuFeatures.Pae36, processors, 1 << 20, options);
            for (int round = 0; round < 20; round++)
            {
                int cpu = random.Next(processors);
                long busy = one.Processors[cpu].Clock.Now + random.Next(30);
                long off = random.Next(3) == 0 ? one.Processors[cpu].Clock.Now + random.Next(60) : 0;
                bool user = random.Next(2) == 0;
                foreach (Machine machine in (Machine[])[one, other])
                {
                    machine.Processors[cpu].Clock.IdleUntil(busy);
                    machine.Processors[cpu].HoldInterruptsUntil(off);
                    machine.Processors[cpu].IsInUserMode = user;
                }

                TlbFlush flush = TlbFlush.Range(0, 4096 * (uint)random.Next(1, 5));
                int initiator = random.Next(processors);
                var handler = new EagerHandler(flush);
                Assert.Equal(
                    other.RunOnEach(other.Processors[initiator], ref handler), one.Flush(one.Processors[initiator], flush));
            }

            AssertSame(other, one);
        }
    }

    // A page that was lent dies with every invalidation, on a target too; with paging off as well.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Flush_LentPage_IsCurrentNoLonger(bool paging)
    {
        Machine machine = Boot(CpuModels.CoreDuo);
        Processor target = machine.Processors[1];
        Assert.True(paging || target.Mmu.WriteCr0((uint)Cr0.ProtectionEnable));
        uint linear = paging ? 0x5000 : Frames + 0x5000;
        for (int round = 0; round < 3; round++)
        {
            Assert.False(target.Mmu.GetPage(linear, Access.SupervisorRead, out GuestPage page).IsFault);
            Assert.True(target.Mmu.IsCurrent(page));

            machine.Flush(machine.Processors[0], TlbFlush.Page(linear));

            Assert.False(target.Mmu.IsCurrent(page));
        }
    }

    [Fact]
    public void Flush_ToEverybody_AllocatesNothing()
    {
        Machine machine = Boot(CpuModels.CoreDuo);

        Assert.Equal(0, Allocation.Of(5000, i => machine.Flush(machine.Processors[0], TlbFlush.Page((uint)i << 12))));
    }

    // The cycles of TLB misses are counted, and enter the time when it is read; a shootdown is such a reading for its targets.
    [Fact]
    public void Flush_TargetsWhoseTimeNobodyHasRead_AreInterruptedAtTheSameTime()
    {
        Machine unread = Boot(CpuModels.CoreDuo);
        Machine read = Boot(CpuModels.CoreDuo);
        for (uint round = 1; round < 4; round++)
        {
            for (int i = 1; i < Processors; i++)
            {
                for (uint page = 0; page < round * (uint)i; page++)
                {
                    unread.Processors[i].Mmu.Translate(page << 12, Access.SupervisorRead);
                    read.Processors[i].Mmu.Translate(page << 12, Access.SupervisorRead);
                }

                Assert.NotEqual(0, read.Processors[i].Clock.Now);
            }

            ShootdownParts expected = read.Flush(read.Processors[0], TlbFlush.Page(0));
            Assert.Equal(expected, unread.Flush(unread.Processors[0], TlbFlush.Page(0)));
            AssertSame(read, unread);
        }
    }

    // Zen 1 comes closest: 2,752 entries of 16 bytes each for tag and translation, and their ranks, indices and recent hits.
    [Fact]
    public void State_OfOneProcessorOfAnyModel_IsAtMost64KiB()
    {
        (string Name, long Bytes)[] states =
            [.. CpuModels.All.Select(model => (model.Name, (Bytes(model, 65) - Bytes(model, 1)) / 64))];

        Assert.DoesNotContain(states, state => state.Bytes > 64 << 10);
    }

    private static long Bytes(CpuModel model, int processors)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(new Machine(model, CpuFeatures.Pae36, processors, 1 << 20));
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    // A large page that is held keeps the other misses from the straight path.
    private static uint Linear(Random random, bool hasLarge) =>
        hasLarge && random.Next(8) == 0 ? LargeAt + ((uint)random.Next(512) << 12) : (uint)random.Next((int)Pages) << 12;

    private static void AssertSame(Machine expected, Machine actual)
    {
        for (int i = 0; i < expected.Processors.Length; i++)
        {
            Assert.Equal(expected.Processors[i].Clock.Counts, actual.Processors[i].Clock.Counts);
            Assert.Equal(expected.Processors[i].Clock.Accounts, actual.Processors[i].Clock.Accounts);
            Assert.Equal(expected.Processors[i].Clock.Now, actual.Processors[i].Clock.Now);
        }
    }

    private static void Store(Machine lazy, Machine eager, uint address, ulong value)
    {
        new RamBus(lazy.Memory).Store(address, value);
        new RamBus(eager.Memory).Store(address, value);
    }

    private static Machine Boot(CpuModel model, ShootdownOptions? options = null)
    {
        var machine = new Machine(model, CpuFeatures.Pae36, Processors, 16 << 20, options);
        var memory = new RamBus(machine.Memory);
        memory.Store(0x1000, 0x2001ul);
        memory.Store(0x2000, 0x3023ul);
        memory.Store(0x2008, 0x80_01E3ul); // a large page at 8 MiB, global
        for (uint page = 0; page < Pages; page++)
        {
            memory.Store(0x3000 + (8 * page), (Frames + (page << 12)) | 0x123ul); // global
            memory.Store(Frames + (page << 12), page + 1);
        }

        foreach (Processor processor in machine.Processors)
        {
            Assert.True(processor.Mmu.WriteCr3(0x1000));
            Assert.True(processor.Mmu.WriteCr4((uint)(Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable)));
            Assert.True(processor.Mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging)));
        }

        return machine;
    }

    private readonly struct EagerHandler(TlbFlush flush) : IInterruptHandler
    {
        public void Handle(Processor processor) => flush.ApplyTo(processor);
    }
}
