using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Kmap.Tests.Kernel;
using X86Pae.Smp;

namespace X86Pae.Kmap.Tests.Strategies;

public sealed class PersistentKmapTests
{
    private readonly TestKernel _test = new(processors: 4);
    private readonly PersistentKmap _kmap;

    public PersistentKmapTests()
    {
        _kmap = new PersistentKmap(_test.Kernel);
    }

    [Theory]
    [InlineData(1, 4, 0, 0)]
    [InlineData(511, 4, 0, 0)]
    [InlineData(512, 4, 1, 511)]
    [InlineData(1023, 2, 1, 511)]
    [InlineData(1024, 2, 2, 1023)]
    [InlineData(2100, 1, 4, 2047)]
    [InlineData(2100, 8, 4, 2047)]
    public void Map_DistinctPagesOneAfterAnother_FlushesOncePerTurn(int pages, int cpus, int flushes, int reaped)
    {
        var test = new TestKernel(cpus);
        var kmap = new PersistentKmap(test.Kernel);

        for (int i = 0; i < pages; i++)
        {
            uint slot = (uint)(i + 1) & 511;
            Assert.Equal(test.Layout.PkmapBase + (slot << 12), kmap.Map(test.Cpu(i % cpus), TestKernel.High(i)).Address);
            Assert.Equal(UnmapStatus.Unmapped, kmap.Unmap(test.Cpu((i + 1) % cpus), TestKernel.High(i), 0));
        }

        Assert.Equal(
            new Events(
                Stores: (2 * pages) + (2 * reaped),
                Sent: flushes * (cpus - 1),
                Handled: flushes * (cpus - 1),
                FullFlushes: flushes * cpus,
                Cr4Writes: 2 * flushes * cpus),
            test.Events);
        Assert.Equal(flushes, test.Kernel.Flushes);
    }

    [Fact]
    public void Map_WorkingSetOf511Pages_IsFreeAfterTheFirstRound()
    {
        for (int i = 0; i < 511; i++)
        {
            MapAndUnmap(i);
        }

        Events before = _test.Events;
        for (int i = 0; i < 3 * 511; i++)
        {
            Assert.Equal(_test.Layout.PkmapBase + ((1 + (uint)(i % 511)) << 12), MapAndUnmap(i % 511));
        }

        Assert.Equal(new Events(0), _test.Since(before));
    }

    [Fact]
    public void Map_PageThatIsMapped_IsShared()
    {
        PageFrame page = TestKernel.High(1);
        uint address = _kmap.Map(_test.Cpu(0), page).Address;

        Assert.Equal(address, _kmap.Map(_test.Cpu(3), page).Address);
        Assert.Equal(UnmapStatus.Unmapped, _kmap.Unmap(_test.Cpu(1), page, 0));
        Assert.Equal(UnmapStatus.Unmapped, _kmap.Unmap(_test.Cpu(2), page, 0));
        Assert.Equal(UnmapStatus.Bug, _kmap.Unmap(_test.Cpu(0), page, 0));
    }

    // The miss after all others were freed: 511 entries cleared by two stores each, one flush of the window, slot 0.
    [Fact]
    public void Map_CursorComesRoundAfterOthersWereFreed_ReapsThemAllAtOnce()
    {
        for (int i = 0; i < 511; i++)
        {
            MapAndUnmap(i);
        }

        Events before = _test.Events;

        Assert.Equal(_test.Layout.PkmapBase, _kmap.Map(_test.Cpu(2), TestKernel.High(511)).Address);

        Assert.Equal(
            new Events(Stores: 1022 + 2, Sent: 3, Handled: 3, FullFlushes: 4, Cr4Writes: 8), _test.Since(before));
        Assert.Equal(
            new FlushRecord(_test.Layout.PkmapBase, _test.Layout.PkmapEnd, Initiator: 2, IsFull: true, Processors: 0b1111),
            _test.Kernel.LastFlush);
        for (uint slot = 1; slot < 512; slot++)
        {
            Assert.Equal(0ul, _test.Entry(_test.Layout.PkmapBase + (slot << 12)));
        }
    }

    [Fact]
    public void Map_MappedSlots_SurviveTheReap()
    {
        PageFrame held = TestKernel.High(9999);
        _test.Stamp(held);
        uint address = _kmap.Map(_test.Cpu(0), held).Address;
        for (int i = 0; i < 2000; i++)
        {
            MapAndUnmap(i);
        }

        Assert.True(_test.Reads(3, address, held));
        Assert.Equal(address, _kmap.Map(_test.Cpu(1), held).Address);
    }

    // Contiguous pins. The scan steps are the naive pool's; that the real one agrees with it is part of the test.
    [Theory]
    [InlineData(100, 412)]
    [InlineData(400, 112)]
    [InlineData(500, 12)]
    public void Map_PinnedSlots_ShortenTheTurn(int pinned, int interval)
    {
        var naive = new NaivePool();
        for (int i = 0; i < pinned; i++)
        {
            naive.Map(i);
            _kmap.Map(_test.Cpu(0), TestKernel.High(i));
        }

        int before = naive.Steps;
        int lastFlushAt = 0;
        var intervals = new List<int>();
        for (int i = 0; i < 20_000; i++)
        {
            long flushes = _test.Kernel.Flushes;
            uint slot = (uint)naive.Map(pinned + i);
            naive.Unmap(pinned + i);

            Assert.Equal(_test.Layout.PkmapBase + (slot << 12), MapAndUnmap(pinned + i));
            if (_test.Kernel.Flushes > flushes)
            {
                intervals.Add(i - lastFlushAt);
                lastFlushAt = i;
            }
        }

        Assert.All(intervals.Skip(1), distance => Assert.Equal(interval, distance));
        Assert.Equal(naive.Flushes, _test.Kernel.Flushes);
        Assert.Equal(512.0 / interval, (naive.Steps - before) / 20_000.0, tolerance: 0.05);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Map_RandomProgram_AgreesWithTheNaivePool(int seed)
    {
        var random = new Random(seed);
        var naive = new NaivePool();
        var held = new List<int>();
        for (int i = 0; i < 30_000; i++)
        {
            Processor cpu = _test.Cpu(random.Next(4));
            if (random.Next(1000) < (held.Count < 500 ? 520 : 480))
            {
                int page = random.Next(1500);
                int slot = naive.Map(page);
                MapOutcome outcome = _kmap.Map(cpu, TestKernel.High(page));

                Assert.Equal(slot < 0 ? MapStatus.Sleeps : MapStatus.Mapped, outcome.Status);
                if (slot >= 0)
                {
                    Assert.Equal(_test.Layout.PkmapBase + ((uint)slot << 12), outcome.Address);
                    held.Add(page);
                }
            }
            else
            {
                bool any = held.Count > 0 && random.Next(20) != 0;
                int at = any ? random.Next(held.Count) : 0;
                int page = any ? held[at] : random.Next(1500);
                bool mapped = naive.Unmap(page);

                Assert.Equal(mapped ? UnmapStatus.Unmapped : UnmapStatus.Bug, _kmap.Unmap(cpu, TestKernel.High(page), 0));
                if (mapped)
                {
                    held.Remove(page);
                }
            }
        }

        Assert.Equal(naive.Flushes, _test.Kernel.Flushes);
        Assert.Equal(2 * (naive.Installed + naive.Reaped), _test.Events.Stores);
        Assert.True(naive.Flushes > 10);
    }

    [Fact]
    public void Map_AllSlotsPinned_SleepsUntilOneIsFreed()
    {
        for (int i = 0; i < 512; i++)
        {
            _kmap.Map(_test.Cpu(0), TestKernel.High(i));
        }

        _kmap.Map(_test.Cpu(0), TestKernel.High(77)); // two users
        KernelTask sleeper = _test.Kernel.NewTask(5);
        _test.Kernel.SetCurrent(_test.Cpu(1), sleeper);
        Events before = _test.Events;

        Assert.Equal(new MapOutcome(MapStatus.Sleeps, 0), _kmap.Map(_test.Cpu(1), TestKernel.High(600)));
        Assert.True(sleeper.IsSleeping);
        Assert.Equal(new Events(0), _test.Since(before));

        _kmap.Unmap(_test.Cpu(0), TestKernel.High(77), 0);
        Assert.True(sleeper.IsSleeping);
        _kmap.Unmap(_test.Cpu(0), TestKernel.High(77), 0);
        Assert.False(sleeper.IsSleeping);

        Assert.Equal(_test.Layout.PkmapBase + (78u << 12), _kmap.Map(_test.Cpu(1), TestKernel.High(600)).Address);
        Assert.Equal(new Events(Stores: 4, Sent: 3, Handled: 3, FullFlushes: 4, Cr4Writes: 8), _test.Since(before));
    }

    [Fact]
    public void Map_WokenSleeperWhosePageIsMappedMeanwhile_SharesIt()
    {
        for (int i = 0; i < 512; i++)
        {
            _kmap.Map(_test.Cpu(0), TestKernel.High(i));
        }

        PageFrame page = TestKernel.High(600);
        _kmap.Map(_test.Cpu(1), page);
        _kmap.Unmap(_test.Cpu(0), TestKernel.High(3), 0);
        uint address = _kmap.Map(_test.Cpu(2), page).Address;

        Assert.Equal(new MapOutcome(MapStatus.Mapped, address), _kmap.Map(_test.Cpu(1), page));
    }

    [Fact]
    public void Unmap_AllSleepers_AreWokenAtOnce()
    {
        for (int i = 0; i < 512; i++)
        {
            _kmap.Map(_test.Cpu(0), TestKernel.High(i));
        }

        _kmap.Map(_test.Cpu(1), TestKernel.High(600));
        _kmap.Map(_test.Cpu(2), TestKernel.High(601));
        _kmap.Unmap(_test.Cpu(0), TestKernel.High(3), 0);

        Assert.False(_test.Kernel.Current(_test.Cpu(1)).IsSleeping);
        Assert.False(_test.Kernel.Current(_test.Cpu(2)).IsSleeping);
        Assert.Equal(MapStatus.Mapped, _kmap.Map(_test.Cpu(2), TestKernel.High(601)).Status);
        Assert.Equal(MapStatus.Sleeps, _kmap.Map(_test.Cpu(1), TestKernel.High(600)).Status);
    }

    [Fact]
    public void Unmap_PageThatIsNotMapped_IsABug()
    {
        Assert.Equal(UnmapStatus.Bug, _kmap.Unmap(_test.Cpu(0), TestKernel.High(1), _test.Layout.PkmapBase));
        MapAndUnmap(1);
        Assert.Equal(UnmapStatus.Bug, _kmap.Unmap(_test.Cpu(0), TestKernel.High(1), 0));

        Assert.Equal(_test.Layout.PkmapBase + 0x1000, _kmap.Map(_test.Cpu(0), TestKernel.High(1)).Address);
        Assert.Equal(UnmapStatus.Unmapped, _kmap.Unmap(_test.Cpu(0), TestKernel.High(1), 0));
    }

    [Fact]
    public void Map_LowMemory_HasNoEffectAtAll()
    {
        var low = new PageFrame(0x1234);
        Events before = _test.Events;
        long now = _test.Cpu(0).Clock.Now;

        Assert.Equal(new MapOutcome(MapStatus.Mapped, 0xC123_4000), _kmap.Map(_test.Cpu(0), low));
        Assert.Equal(UnmapStatus.Unmapped, _kmap.Unmap(_test.Cpu(0), low, 0xC123_4000));

        Assert.Equal((new Events(0), now), (_test.Since(before), _test.Cpu(0).Clock.Now));
    }

    [Fact]
    public void Map_SlotThatIsUsedAgain_ReadsTheNewPageWhereTheOldOneWasCached()
    {
        PageFrame old = TestKernel.High(0);
        PageFrame fresh = TestKernel.High(512);
        _test.Stamp(old);
        _test.Stamp(fresh);
        uint address = MapAndUnmap(0);
        Assert.True(_test.Reads(3, address, old));
        for (int i = 1; i < 512; i++)
        {
            MapAndUnmap(i);
        }

        Assert.Null(_test.Read(3, address));
        Assert.Equal(address, _kmap.Map(_test.Cpu(0), fresh).Address);
        Assert.True(_test.Reads(3, address, fresh));
    }

    private uint MapAndUnmap(int page)
    {
        MapOutcome outcome = _kmap.Map(_test.Cpu(0), TestKernel.High(page));
        Assert.Equal(MapStatus.Mapped, outcome.Status);
        Assert.Equal(UnmapStatus.Unmapped, _kmap.Unmap(_test.Cpu(0), TestKernel.High(page), outcome.Address));
        return outcome.Address;
    }
}
