using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Kmap.Tests.Kernel;

namespace X86Pae.Kmap.Tests.Strategies;

public sealed class VmapTests
{
    private const int AreaInPages = 30_720; // 120 MiB

    private readonly TestKernel _test = new(processors: 4);
    private readonly Vmap _vmap;

    public VmapTests()
    {
        _vmap = new Vmap(_test.Kernel);
    }

    private uint Start => _test.Layout.VmallocStart;

    [Fact]
    public void MapPages_FourPages_IsEightStoresFourExchangesAndFivePages()
    {
        PageFrame[] pages = [TestKernel.High(3), TestKernel.High(1), TestKernel.High(4), TestKernel.High(9)];
        Array.ForEach(pages, _test.Stamp);
        Events before = _test.Events;

        uint address = _vmap.MapPages(_test.Cpu(1), pages).Address;

        Assert.Equal(Start, address);
        Assert.Equal(new Events(Stores: 8), _test.Since(before));
        for (int i = 0; i < pages.Length; i++)
        {
            Assert.True(_test.Reads(3, address + ((uint)i << 12), pages[i]));
        }

        Assert.Null(_test.Read(3, address + (4u << 12)));
        Assert.Equal(Start + (5u << 12), _vmap.Map(_test.Cpu(0), pages[0]).Address);
        before = _test.Events;
        Assert.Equal(UnmapStatus.Unmapped, _vmap.Unmap(_test.Cpu(2), pages[0], address));
        Assert.Equal(new Events(0, Exchanges: 4), _test.Since(before));
        Assert.Equal(0, _test.Kernel.Flushes);
    }

    [Fact]
    public void MapPages_None_Throws()
    {
        Assert.Throws<ArgumentException>(() => _vmap.MapPages(_test.Cpu(0), []));
    }

    [Fact]
    public void Map_LowMemory_GetsAnAddressOfItsOwn()
    {
        Assert.Equal(Start, _vmap.Map(_test.Cpu(0), new PageFrame(0x1234)).Address);
    }

    [Fact]
    public void Map_BeforeThePurge_UsesNoAddressAgain()
    {
        var seen = new HashSet<uint>();
        for (int i = 0; i < 5000; i++)
        {
            uint address = _vmap.Map(_test.Cpu(i & 3), TestKernel.High(i & 7)).Address;
            Assert.True(seen.Add(address));
            _vmap.Unmap(_test.Cpu(i & 3), default, address);
        }

        Assert.Equal(0, _test.Kernel.Flushes);
    }

    [Fact]
    public void Map_AfterThePurge_TakesTheLowestThatFits()
    {
        uint[] addresses = [.. Enumerable.Range(0, 4).Select(i => _vmap.Map(_test.Cpu(0), TestKernel.High(i)).Address)];
        _vmap.Unmap(_test.Cpu(0), default, addresses[0]);
        _vmap.Unmap(_test.Cpu(0), default, addresses[2]);
        _vmap.Purge(_test.Cpu(0));

        Assert.Equal(addresses[3] + 0x2000, _vmap.MapPages(_test.Cpu(0), [TestKernel.High(0), TestKernel.High(1)]).Address);
        Assert.Equal(addresses[0], _vmap.Map(_test.Cpu(0), TestKernel.High(5)).Address);
        Assert.Equal(addresses[2], _vmap.Map(_test.Cpu(0), TestKernel.High(6)).Address);
    }

    // lazy_max_pages = fls(CPUs) * 32 MiB; a single page takes two. With 8 CPUs or more the area is exhausted first.
    [Theory]
    [InlineData(1, 4097)]
    [InlineData(2, 8193)]
    [InlineData(3, 8193)]
    [InlineData(4, 12_289)]
    [InlineData(7, 12_289)]
    public void Unmap_LazyPagesOverTheThreshold_PurgesOnce(int cpus, int unmaps)
    {
        var test = new TestKernel(cpus);
        var vmap = new Vmap(test.Kernel);
        for (int round = 1; round <= 2; round++)
        {
            for (int i = 1; i <= unmaps; i++)
            {
                Assert.Equal(round - 1, test.Kernel.Flushes);
                uint address = vmap.Map(test.Cpu(0), TestKernel.High(1)).Address;
                Assert.Equal(test.Layout.VmallocStart + ((uint)(i - 1) << 13), address);
                vmap.Unmap(test.Cpu(0), default, address);
            }

            Assert.Equal(round, test.Kernel.Flushes);
        }

        Assert.Equal((2L * (cpus - 1), 2L * cpus), (test.Events.Sent, test.Events.FullFlushes));
        Assert.Equal(test.Layout.VmallocStart, test.Kernel.LastFlush.Start);
        Assert.Equal(test.Layout.VmallocStart + ((uint)unmaps << 13), test.Kernel.LastFlush.End);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void Map_AreaExhaustedBeforeTheThreshold_PurgesOnce(int cpus)
    {
        var test = new TestKernel(cpus);
        var vmap = new Vmap(test.Kernel);
        for (int i = 0; i < AreaInPages / 2; i++)
        {
            vmap.Unmap(test.Cpu(0), default, vmap.Map(test.Cpu(0), TestKernel.High(1)).Address);
        }

        Assert.Equal(0, test.Kernel.Flushes);
        Assert.Equal(test.Layout.VmallocStart, vmap.Map(test.Cpu(0), TestKernel.High(1)).Address);
        Assert.Equal(1, test.Kernel.Flushes);
    }

    [Fact]
    public void Map_NothingToPurge_IsExhausted()
    {
        for (int i = 0; i < AreaInPages / 2; i++)
        {
            _vmap.Map(_test.Cpu(0), TestKernel.High(1));
        }

        Assert.Equal(new MapOutcome(MapStatus.Exhausted, 0), _vmap.Map(_test.Cpu(0), TestKernel.High(1)));
        Assert.Equal(0, _test.Kernel.Flushes);
        _vmap.Unmap(_test.Cpu(0), default, Start + 0x2000);
        Assert.Equal(Start + 0x2000, _vmap.Map(_test.Cpu(0), TestKernel.High(1)).Address);
    }

    [Fact]
    public void Unmap_CachedTranslation_IsUsableUntilThePurgeAndWrongNever()
    {
        PageFrame old = TestKernel.High(1);
        PageFrame fresh = TestKernel.High(2);
        _test.Stamp(old);
        _test.Stamp(fresh);
        uint address = _vmap.Map(_test.Cpu(0), old).Address;
        Assert.True(_test.Reads(3, address, old));

        _vmap.Unmap(_test.Cpu(0), old, address);
        Assert.True(_test.Reads(3, address, old));
        Assert.Null(_test.Read(2, address));
        Assert.NotEqual(address, _vmap.Map(_test.Cpu(0), fresh).Address);

        _vmap.Purge(_test.Cpu(0));
        Assert.Null(_test.Read(3, address));
        Assert.Equal(address, _vmap.Map(_test.Cpu(0), fresh).Address);
        Assert.True(_test.Reads(3, address, fresh));
    }

    // The range spans guards and all: 16 single pages are 32 of it, and 17 are 34.
    [Theory]
    [InlineData(16, false)]
    [InlineData(17, true)]
    public void Purge_SmallRange_GoesPageByPage(int mappings, bool full)
    {
        uint[] addresses = [.. Enumerable.Range(0, mappings).Select(i => _vmap.Map(_test.Cpu(0), TestKernel.High(i)).Address)];
        foreach (uint address in addresses.Reverse())
        {
            _vmap.Unmap(_test.Cpu(0), default, address);
        }

        _vmap.Purge(_test.Cpu(2));

        Assert.Equal(
            new FlushRecord(Start, Start + ((uint)mappings << 13), Initiator: 2, full, Processors: 0b1111),
            _test.Kernel.LastFlush);
    }

    [Fact]
    public void Purge_NothingUnmapped_DoesNothing()
    {
        _vmap.Map(_test.Cpu(0), TestKernel.High(1));
        Events before = _test.Events;

        _vmap.Purge(_test.Cpu(0));

        Assert.Equal((new Events(0), 0L), (_test.Since(before), _test.Kernel.Flushes));
    }

    [Fact]
    public void Unmap_AddressWithoutAMapping_IsABug()
    {
        uint address = _vmap.MapPages(_test.Cpu(0), [TestKernel.High(1), TestKernel.High(2)]).Address;
        Events before = _test.Events;

        foreach (uint wrong in new[] { address + 0x1000, address + 0x2000, address + 0x3000, Start - 0x1000, 0u, uint.MaxValue })
        {
            Assert.Equal(UnmapStatus.Bug, _vmap.Unmap(_test.Cpu(0), default, wrong));
        }

        Assert.Equal(new Events(0), _test.Since(before));
        Assert.Equal(UnmapStatus.Unmapped, _vmap.Unmap(_test.Cpu(0), default, address + 0x123));
        Assert.Equal(UnmapStatus.Bug, _vmap.Unmap(_test.Cpu(0), default, address));
        _vmap.Purge(_test.Cpu(0));
        Assert.Equal(UnmapStatus.Bug, _vmap.Unmap(_test.Cpu(0), default, address));
    }
}
