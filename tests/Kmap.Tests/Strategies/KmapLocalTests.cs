using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Kmap.Tests.Kernel;
using X86Pae.Smp;

namespace X86Pae.Kmap.Tests.Strategies;

public sealed class KmapLocalTests
{
    private static readonly PageFrame A = TestKernel.High(1);
    private static readonly PageFrame B = TestKernel.High(2);

    private readonly TestKernel _test = new(processors: 4);
    private readonly KmapLocal _local;
    private readonly KernelTask _task;

    public KmapLocalTests()
    {
        _local = new KmapLocal(_test.Kernel);
        _task = _test.Kernel.NewTask(1);
        _test.Kernel.SetCurrent(_test.Cpu(2), _task);
        _test.Stamp(A);
        _test.Stamp(B);
    }

    private Processor Cpu => _test.Cpu(2);

    [Fact]
    public void MapUnmap_OnePage_IsFourStoresAndOneInvlpg()
    {
        Events before = _test.Events;

        Assert.Equal(new MapOutcome(MapStatus.Mapped, 0xFFF9_B000), _local.Map(Cpu, A));
        Assert.Equal(new Events(Stores: 2), _test.Since(before));
        Assert.Equal(TestKernel.EntryFor(A), _test.Entry(0xFFF9_B000));
        Assert.True(_test.Reads(2, 0xFFF9_B000, A));

        Assert.Equal(UnmapStatus.Unmapped, _local.Unmap(Cpu, A, 0xFFF9_B000));
        Assert.Equal(new Events(Stores: 4, Invlpgs: 1), _test.Since(before));
        Assert.Equal(0ul, _test.Entry(0xFFF9_B000));
        Assert.Null(_test.Read(2, 0xFFF9_B000));
        Assert.Equal(0, _local.DepthOf(_task));
    }

    [Fact]
    public void MapUnmap_CopyOfAPage_IsEightStoresAndTwoInvlpgs()
    {
        Events before = _test.Events;

        uint destination = _local.Map(Cpu, A).Address;
        uint source = _local.Map(Cpu, B).Address;
        Assert.Equal((0xFFF9_B000u, 0xFFF9_A000u), (destination, source));
        Assert.True(_test.Reads(2, destination, A));
        Assert.True(_test.Reads(2, source, B));
        Assert.Equal(UnmapStatus.Unmapped, _local.Unmap(Cpu, B, source));
        Assert.Equal(UnmapStatus.Unmapped, _local.Unmap(Cpu, A, destination));

        Assert.Equal(new Events(Stores: 8, Invlpgs: 2), _test.Since(before));
    }

    [Fact]
    public void Switch_TwoLiveMappings_TakesThemOutAndPutsThemBack()
    {
        _local.Map(Cpu, A);
        _local.Map(Cpu, B);
        Assert.True(_test.Reads(2, 0xFFF9_B000, A));
        Assert.True(_test.Reads(2, 0xFFF9_A000, B));
        Events before = _test.Events;

        _local.SwitchOut(Cpu, _task);
        Assert.Equal(new Events(Stores: 4, Invlpgs: 2), _test.Since(before));
        Assert.Null(_test.Read(2, 0xFFF9_B000));
        Assert.Null(_test.Read(2, 0xFFF9_A000));
        Assert.Equal(2, _local.DepthOf(_task));

        before = _test.Events;
        _local.SwitchIn(Cpu, _task);
        Assert.Equal(new Events(Stores: 4), _test.Since(before));
        Assert.True(_test.Reads(2, 0xFFF9_B000, A));
        Assert.True(_test.Reads(2, 0xFFF9_A000, B));
    }

    [Fact]
    public void Switch_NoLiveMapping_CostsNothing()
    {
        Events before = _test.Events;
        long now = Cpu.Clock.Now;

        _local.SwitchOut(Cpu, _task);
        _local.SwitchIn(Cpu, _task);

        Assert.Equal((new Events(0), now), (_test.Since(before), Cpu.Clock.Now));
    }

    [Fact]
    public void Map_TwoTasksOnOneCpu_UseTheSameAddressOneAfterTheOther()
    {
        KernelTask other = _test.Kernel.NewTask(2);
        uint address = _local.Map(Cpu, A).Address;
        Assert.True(_test.Reads(2, address, A));

        SwitchTo(other);
        Assert.Equal(address, _local.Map(Cpu, B).Address);
        Assert.True(_test.Reads(2, address, B));
        SwitchTo(_task);
        Assert.True(_test.Reads(2, address, A));
        SwitchTo(other);
        Assert.True(_test.Reads(2, address, B));
    }

    // Unmapping A first clears the top's entry, which is B's, and flushes A's page: B lives on in the TLB only, A in its
    // entry only. Unmapping B then clears A's entry and flushes B's page; by then a read has cached A again.
    [Fact]
    public void Unmap_OutOfOrder_ClearsTheTopAndFlushesThePagePassed()
    {
        uint a = _local.Map(Cpu, A).Address;
        uint b = _local.Map(Cpu, B).Address;
        Assert.True(_test.Reads(2, a, A));
        Assert.True(_test.Reads(2, b, B));
        Events before = _test.Events;

        Assert.Equal(UnmapStatus.OutOfOrder, _local.Unmap(Cpu, A, a));

        Assert.Equal(new Events(Stores: 2, Invlpgs: 1), _test.Since(before));
        Assert.Equal((TestKernel.EntryFor(A), 0ul), (_test.Entry(a), _test.Entry(b)));
        Assert.Equal(1, _local.DepthOf(_task));
        long walks = Cpu.Clock.Counts.Walks;
        Assert.True(_test.Reads(2, b, B));
        Assert.Equal(walks, Cpu.Clock.Counts.Walks);
        Assert.True(_test.Reads(2, a, A));
        Assert.Equal(walks + 1, Cpu.Clock.Counts.Walks);

        Assert.Equal(UnmapStatus.OutOfOrder, _local.Unmap(Cpu, B, b));

        Assert.Equal((0ul, 0ul), (_test.Entry(a), _test.Entry(b)));
        Assert.Null(_test.Read(2, b));
        Assert.True(_test.Reads(2, a, A));
        Assert.Equal(0, _local.DepthOf(_task));
    }

    [Theory]
    [InlineData(0x001)]
    [InlineData(0xFFF)]
    public void Unmap_AnyAddressInThePage_IsThatPage(uint offset)
    {
        uint address = _local.Map(Cpu, A).Address;

        Assert.Equal(UnmapStatus.Unmapped, _local.Unmap(Cpu, A, address + offset));
        Assert.Equal(0ul, _test.Entry(address));
    }

    [Fact]
    public void Unmap_AddressOfAnotherCpu_IsOutOfOrder()
    {
        uint address = _local.Map(Cpu, A).Address;

        Assert.Equal(UnmapStatus.OutOfOrder, _local.Unmap(Cpu, A, _test.Layout.KmapLocalAddress(1, 0)));
        Assert.Equal(0ul, _test.Entry(address));
    }

    [Fact]
    public void Map_FifteenLive_IsTheLimit()
    {
        for (int depth = 0; depth < 15; depth++)
        {
            Assert.Equal(_test.Layout.KmapLocalAddress(2, depth), _local.Map(Cpu, TestKernel.High(depth)).Address);
        }

        Events before = _test.Events;
        Assert.Equal(new MapOutcome(MapStatus.Bug, 0), _local.Map(Cpu, TestKernel.High(15)));
        Assert.Equal((new Events(0), 15), (_test.Since(before), _local.DepthOf(_task)));
        for (int depth = 14; depth >= 0; depth--)
        {
            Assert.Equal(
                UnmapStatus.Unmapped, _local.Unmap(Cpu, TestKernel.High(depth), _test.Layout.KmapLocalAddress(2, depth)));
        }
    }

    [Fact]
    public void Unmap_EmptyStack_IsABug()
    {
        uint address = _local.Map(Cpu, A).Address;
        _local.Unmap(Cpu, A, address);

        Assert.Equal(UnmapStatus.Bug, _local.Unmap(Cpu, A, address));
        Assert.Equal(0, _local.DepthOf(_task));
    }

    [Fact]
    public void MapUnmap_LowMemory_HasNoEffectAtAll()
    {
        Events before = _test.Events;
        long now = Cpu.Clock.Now;

        Assert.Equal(new MapOutcome(MapStatus.Mapped, 0xC123_4000), _local.Map(Cpu, new PageFrame(0x1234)));
        Assert.Equal(0, _local.DepthOf(_task));
        Assert.Equal(UnmapStatus.Unmapped, _local.Unmap(Cpu, new PageFrame(0x1234), 0xC123_4567));

        Assert.Equal((new Events(0), now), (_test.Since(before), Cpu.Clock.Now));
    }

    [Fact]
    public void Map_SameDepthOnEachCpu_HasAddressesOfItsOwn()
    {
        var addresses = new HashSet<uint>();
        for (int cpu = 0; cpu < 4; cpu++)
        {
            _test.Kernel.SetCurrent(_test.Cpu(cpu), _test.Kernel.NewTask(10 + cpu));
            addresses.Add(_local.Map(_test.Cpu(cpu), A).Address);
        }

        Assert.Equal(4, addresses.Count);
    }

    [Fact]
    public void MapUnmap_AnyNumber_NeitherSendsNorLocks()
    {
        for (int i = 0; i < 1000; i++)
        {
            _local.Unmap(Cpu, A, _local.Map(Cpu, A).Address);
        }

        Assert.Equal((0L, 0L, 0L), (_test.Events.Sent, _test.Kernel.Flushes, _test.Kernel.Counts.LockAcquisitions));
    }

    private void SwitchTo(KernelTask next)
    {
        _local.SwitchOut(Cpu, _test.Kernel.Current(Cpu));
        _test.Kernel.SetCurrent(Cpu, next);
        _local.SwitchIn(Cpu, next);
    }

    // Somebody has written the slot behind the stack's back.
    [Fact]
    public void Map_SlotThatIsNotEmpty_IsABugAndLeavesIt()
    {
        uint slot = _test.Layout.KmapLocalAddress(0, 0);
        _test.Kernel.SetEntry(_test.Cpu(0), slot, B.PhysicalAddress | GuestKernel.KmapProtection);

        Assert.Equal(MapStatus.Bug, _local.Map(_test.Cpu(0), A).Status);
        Assert.True(_test.Reads(0, slot, B));
    }
}
