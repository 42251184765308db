using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Tests.Smp;

// Two logical processors on one core: what they share, and what stays each one's own.
public sealed class SiblingTests
{
    private const uint Pages = 256;
    private const uint Tables = 0x1000;
    private const uint Frames = 0x40_0000;

    public static TheoryData<string> ModelsWithSmt { get; } =
        [.. CpuModels.All.Where(model => model.HasSiblings()).Select(model => model.Name)];

    [Fact]
    public void Processors_WithSiblingThreads_ArePairedInOrderAndTheLastOfAnOddNumberIsAlone()
    {
        Machine machine = Boot("zen1", processors: 5);

        Assert.Equal(
            [1, 0, 3, 2, -1], machine.Processors.ToArray().Select(processor => processor.Sibling?.Index ?? -1));
        Assert.All(Boot("zen1", 2, siblings: false).Processors.ToArray(), processor => Assert.Null(processor.Sibling));
    }

    // Intel SDM vol. 3, 4.10.4 and 4.10.5: an invalidation is the executing logical processor's, so the other one keeps what it has.
    [Theory]
    [MemberData(nameof(ModelsWithSmt))]
    public void Invalidation_OnOne_LeavesTheEntriesOfTheOther(string name)
    {
        Action<Processor>[] invalidations =
        [
            processor => processor.Mmu.Invlpg(0x5000),
            processor => processor.Mmu.WriteCr3(Tables),
            processor => processor.Mmu.WriteCr4((uint)(processor.Mmu.Cr4 ^ Cr4.PageGlobalEnable)),
        ];
        foreach (Action<Processor> invalidate in invalidations)
        {
            Machine machine = Boot(name, processors: 2);
            (Processor one, Processor other) = (machine.Processors[0], machine.Processors[1]);
            Assert.Equal((5u, 5u), (Load(one, 5), Load(other, 5)));
            Map(machine, page: 5, frame: 6);

            invalidate(one);

            Assert.Equal((6u, 5u), (Load(one, 5), Load(other, 5)));
        }
    }

    [Theory]
    [MemberData(nameof(ModelsWithSmt))]
    public void Shootdown_InterruptsTheSiblingAndDropsItsEntry(string name)
    {
        Machine machine = Boot(name, processors: 2);
        (Processor one, Processor other) = (machine.Processors[0], machine.Processors[1]);
        Assert.Equal((5u, 5u), (Load(one, 5), Load(other, 5)));
        Map(machine, page: 5, frame: 6);

        ShootdownParts parts = machine.Flush(one, TlbFlush.Page(0x5000));

        Assert.Equal((1, 1L), (parts.Targets, other.Clock.Counts.IpisHandled));
        Assert.Equal((6u, 6u), (Load(one, 5), Load(other, 5)));
    }

    // What a shootdown drops makes room at once, although each processor's caches follow when they are used next: 63 pages of one
    // thread and one of the other fill the array, which after the shootdown holds a 64th of the first.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Shootdown_OfTheSibling_MakesRoomInASharedArray(bool ofBoth)
    {
        Machine machine = Boot("pentium4-northwood", processors: 4);
        (Processor one, Processor other) = (machine.Processors[0], machine.Processors[1]);
        Touch(one, Access.SupervisorRead, 63);
        Load(other, 100);

        machine.Flush(machine.Processors[2], ofBoth ? ProcessorSet.Of(0, 1) : ProcessorSet.Of(1), TlbFlush.Page(100 << 12));
        Load(one, 63);

        long walks = one.Clock.Counts.Walks;
        Touch(one, Access.SupervisorRead, 64);
        Assert.Equal(walks, one.Clock.Counts.Walks);
    }

    // The tables of two processes may map one address to different pages; entries of one are never used by the other.
    [Theory]
    [MemberData(nameof(ModelsWithSmt))]
    public void Translation_OfOne_IsNotUsedByTheOther(string name)
    {
        Machine machine = Boot(name, processors: 2);
        Assert.Equal(5u, Load(machine.Processors[0], 5));
        long walks = machine.Processors[1].Clock.Counts.Walks;
        Map(machine, page: 5, frame: 6);

        Assert.Equal(6u, Load(machine.Processors[1], 5));
        Assert.Equal(walks + 1, machine.Processors[1].Clock.Counts.Walks);
    }

    // Pentium 4, both arrays fully associative LRU: CPUID leaf 2 says 128 instruction entries, and 64 with Hyper-Threading on. One
    // page more than there is room for, in turn, misses each time.
    [Theory]
    [InlineData(128, false, 0)]
    [InlineData(129, false, 129)]
    [InlineData(64, true, 0)]
    [InlineData(65, true, 65)]
    public void PartitionedArray_WithASibling_HasHalfTheRoomEvenIfThatIsIdle(int pages, bool siblings, int walks)
    {
        Processor processor = Boot("pentium4-northwood", 2, siblings).Processors[0];

        Assert.Equal(walks, WalksOfASecondRound(processor, Access.SupervisorFetch, pages, () => { }));
    }

    [Fact]
    public void PartitionedArray_BusySibling_TakesNothingAway()
    {
        Machine machine = Boot("pentium4-northwood", processors: 2);

        Assert.Equal(0, WalksOfASecondRound(
            machine.Processors[0],
            Access.SupervisorFetch,
            64,
            () => Touch(machine.Processors[1], Access.SupervisorFetch, 200)));
    }

    // 64 data entries for both: 40 and 24 pages fit, with one more of the sibling's each entry is evicted before it is used again.
    [Theory]
    [InlineData(64, 0, 0)]
    [InlineData(40, 24, 0)]
    [InlineData(40, 25, 40)]
    [InlineData(65, 0, 65)]
    public void SharedArray_IsFilledByBoth(int pages, int siblingsPages, int walks)
    {
        Machine machine = Boot("pentium4-northwood", processors: 2);

        Assert.Equal(walks, WalksOfASecondRound(
            machine.Processors[0],
            Access.SupervisorRead,
            pages,
            () => Touch(machine.Processors[1], Access.SupervisorRead, siblingsPages)));
    }

    [Fact]
    public void DataCaches_AreFilledForBoth()
    {
        Machine machine = Boot("skylake", processors: 4);
        foreach (Processor processor in machine.Processors)
        {
            processor.Mmu.Read(0x7000, Access.SupervisorRead, out uint _); // the walks are over
        }

        machine.Processors[0].Mmu.Read(0x7100, Access.SupervisorRead, out uint _);

        Assert.Equal(4, LoadCycles(machine.Processors[1], 0x7100));
        Assert.Equal(195, LoadCycles(machine.Processors[2], 0x7100));
    }

    // Data arrays of all models are shared, so an idle sibling changes no load; its own entries would.
    [Theory]
    [MemberData(nameof(ModelsWithSmt))]
    public void Loads_SiblingIdle_CostWhatTheyCostWithoutSmt(string name)
    {
        Processor with = Boot(name, 2).Processors[0];
        Processor without = Boot(name, 2, siblings: false).Processors[0];
        var random = new Random(1);
        for (int i = 0; i < 5000; i++)
        {
            uint page = (uint)random.Next((int)Pages);
            Assert.Equal(Load(without, page), Load(with, page));
        }

        Assert.Equal(without.Clock.Counts, with.Clock.Counts);
        Assert.Equal(without.Clock.Now, with.Clock.Now);
    }

    [Theory]
    [InlineData("skylake")]
    [InlineData("pentium4-northwood")]
    public void Accesses_OfBothInTurn_AllocateNothing(string name)
    {
        Machine machine = Boot(name, processors: 2);

        Assert.Equal(0, Allocation.Of(20_000, i =>
        {
            Processor processor = machine.Processors[i & 1];
            Load(processor, (uint)(i * 7) % Pages);
            processor.Mmu.Read((uint)(i * 5) % Pages << 12, Access.SupervisorFetch, out uint _);
            if (i % 50 == 0)
            {
                processor.Mmu.Invlpg((uint)i << 12);
                machine.Flush(processor, TlbFlush.Page((uint)(i / 50) % Pages << 12));
            }
        }));
    }

    private static long WalksOfASecondRound(Processor processor, Access access, int pages, Action between)
    {
        Touch(processor, access, pages);
        between();
        long before = processor.Clock.Counts.Walks;
        Touch(processor, access, pages);
        return processor.Clock.Counts.Walks - before;
    }

    private static void Touch(Processor processor, Access access, int pages)
    {
        for (int page = 0; page < pages; page++)
        {
            Assert.False(processor.Mmu.Read((uint)page << 12, access, out uint _).IsFault);
        }
    }

    private static long LoadCycles(Processor processor, uint linear)
    {
        long start = processor.Clock.Now;
        processor.Mmu.Read(linear, Access.SupervisorRead, out uint _);
        return processor.Clock.Now - start;
    }

    private static uint Load(Processor processor, uint page)
    {
        Assert.False(processor.Mmu.Read(page << 12, Access.SupervisorRead, out uint value).IsFault);
        return value;
    }

    private static void Map(Machine machine, uint page, uint frame) =>
        new RamBus(machine.Memory).Store(0x3000 + (8 * page), (Frames + (frame << 12)) | 0x63ul);

    private static Machine Boot(string name, int processors, bool siblings = true)
    {
        var machine = new Machine(
            CpuModels.Find(name)!,
            CpuFeatures.Pae36,
            processors,
            16 << 20,
            new ShootdownOptions { SiblingThreads = siblings });
        var memory = new RamBus(machine.Memory);
        memory.Store(Tables, 0x2001ul);
        memory.Store(0x2000, 0x3023ul);
        for (uint page = 0; page < Pages; page++)
        {
            Map(machine, page, page);
            memory.Store(Frames + (page << 12), page);
        }

        foreach (Processor processor in machine.Processors)
        {
            Assert.True(processor.Mmu.WriteCr3(Tables));
            Assert.True(processor.Mmu.WriteCr4((uint)Cr4.PhysicalAddressExtension));
            Assert.True(processor.Mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging)));
        }

        return machine;
    }
}
