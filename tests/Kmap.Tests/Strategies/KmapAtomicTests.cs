using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Kmap.Tests.Kernel;

namespace X86Pae.Kmap.Tests.Strategies;

public sealed class KmapAtomicTests
{
    private static readonly PageFrame A = TestKernel.High(1);
    private static readonly PageFrame B = TestKernel.High(2);

    private readonly TestKernel _test = new(processors: 3);
    private readonly KmapAtomic _atomic;

    public KmapAtomicTests()
    {
        _atomic = new KmapAtomic(_test.Kernel);
        _test.Stamp(A);
        _test.Stamp(B);
    }

    [Fact]
    public void MapUnmap_TwoNested_IsEightStoresAndTwoInvlpgs()
    {
        Events before = _test.Events;

        uint a = _atomic.Map(_test.Cpu(2), A).Address;
        uint b = _atomic.Map(_test.Cpu(2), B).Address;
        Assert.Equal((0xFFF9_B000u, 0xFFF9_A000u), (a, b));
        Assert.True(_test.Reads(2, a, A));
        Assert.True(_test.Reads(2, b, B));
        Assert.Equal(UnmapStatus.Unmapped, _atomic.Unmap(_test.Cpu(2), B, b + 5));
        Assert.Null(_test.Read(2, b));
        Assert.Equal(UnmapStatus.Unmapped, _atomic.Unmap(_test.Cpu(2), A, a));
        Assert.Null(_test.Read(2, a));

        Assert.Equal(new Events(Stores: 8, Invlpgs: 2), _test.Since(before));
    }

    // The stack is the CPU's, not the task's: whoever runs there pushes on top.
    [Fact]
    public void Map_AnotherTaskOnTheCpu_PushesOnTheSameStack()
    {
        uint a = _atomic.Map(_test.Cpu(1), A).Address;
        _test.Kernel.SetCurrent(_test.Cpu(1), _test.Kernel.NewTask(9));

        Assert.Equal(a - 4096, _atomic.Map(_test.Cpu(1), B).Address);
        Assert.Equal(_test.Layout.KmapLocalAddress(0, 0), _atomic.Map(_test.Cpu(0), B).Address);
    }

    [Fact]
    public void Unmap_OutOfOrder_ClearsTheTopAndFlushesThePagePassed()
    {
        uint a = _atomic.Map(_test.Cpu(0), A).Address;
        uint b = _atomic.Map(_test.Cpu(0), B).Address;
        Assert.True(_test.Reads(0, b, B));

        Assert.Equal(UnmapStatus.OutOfOrder, _atomic.Unmap(_test.Cpu(0), A, a));

        Assert.Equal((TestKernel.EntryFor(A), 0ul), (_test.Entry(a), _test.Entry(b)));
        Assert.True(_test.Reads(0, b, B));
    }

    [Fact]
    public void Map_EverySlotOfTheCpu_ThenABug()
    {
        for (int depth = 0; depth < 16; depth++)
        {
            Assert.Equal(_test.Layout.KmapLocalAddress(1, depth), _atomic.Map(_test.Cpu(1), TestKernel.High(depth)).Address);
        }

        Assert.Equal(new MapOutcome(MapStatus.Bug, 0), _atomic.Map(_test.Cpu(1), A));
        Assert.Equal(MapStatus.Mapped, _atomic.Map(_test.Cpu(0), A).Status);
    }

    [Fact]
    public void Unmap_EmptyStack_IsABug()
    {
        uint address = _atomic.Map(_test.Cpu(0), A).Address;

        Assert.Equal(UnmapStatus.Bug, _atomic.Unmap(_test.Cpu(1), A, address));
        Assert.Equal(UnmapStatus.Unmapped, _atomic.Unmap(_test.Cpu(0), A, address));
        Assert.Equal(UnmapStatus.Bug, _atomic.Unmap(_test.Cpu(0), A, address));
    }

    [Fact]
    public void MapUnmap_LowMemory_HasNoEffectAtAll()
    {
        Events before = _test.Events;

        Assert.Equal(new MapOutcome(MapStatus.Mapped, 0xC123_4000), _atomic.Map(_test.Cpu(0), new PageFrame(0x1234)));
        Assert.Equal(UnmapStatus.Unmapped, _atomic.Unmap(_test.Cpu(0), new PageFrame(0x1234), 0xC123_4000));

        Assert.Equal(new Events(0), _test.Since(before));
    }

    // Somebody has written the slot behind the stack's back.
    [Fact]
    public void Map_SlotThatIsNotEmpty_IsABugAndLeavesIt()
    {
        uint slot = _test.Layout.KmapLocalAddress(0, 0);
        _test.Kernel.SetEntry(_test.Cpu(0), slot, B.PhysicalAddress | GuestKernel.KmapProtection);

        Assert.Equal(MapStatus.Bug, _atomic.Map(_test.Cpu(0), A).Status);
        Assert.True(_test.Reads(0, slot, B));
    }
}
