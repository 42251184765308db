using X86Pae.Kmap.Kernel;
using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Kmap.Tests.Kernel;

public sealed class GuestKernelTests
{
    private const ulong Entry = 0x8000_0001_2345_6163;

    [Fact]
    public void KmapProtection_IsThatOfTheKernel()
    {
        Assert.Equal(0x8000_0000_0000_0163, GuestKernel.KmapProtection);
    }

    [Fact]
    public void Boot_MoreCpusThanTheLayout_Throws()
    {
        Assert.Throws<ArgumentException>(() => new TestKernel(processors: 3, layout: new KernelLayout(processors: 2)));
    }

    [Theory]
    [InlineData(36, true, 512UL << 20)]
    [InlineData(36, false, 4UL << 30)]
    public void Boot_WithoutHighMemoryOrNx_Throws(int maxPhyAddr, bool nx, ulong memory)
    {
        var machine = new Machine(CpuModels.CoreDuo, new CpuFeatures { MaxPhyAddr = maxPhyAddr, Nx = nx }, 2, memory);

        Assert.Throws<ArgumentException>(() => new GuestKernel(machine, new KernelLayout()));
    }

    [Fact]
    public void Boot_AnyNumberOfCpus_IsThatMany()
    {
        Assert.Equal(7, GuestKernel.Boot(CpuModels.CoreDuo, 7).Machine.Processors.Length);
    }

    [Fact]
    public void Boot_Clocks_StartWhenItIsDone()
    {
        ProcessorClock clock = new TestKernel(processors: 2).Cpu(1).Clock;

        Assert.Equal((0L, default(CycleAccounts), default(EventCounts)), (clock.Now, clock.Accounts, clock.Counts));
    }

    [Fact]
    public void Current_ProcessorOfAnotherMachine_NamesTheParameter()
    {
        var kernel = new TestKernel(processors: 2);
        var other = new TestKernel(processors: 4);

        Assert.Throws<ArgumentException>("processor", () => kernel.Kernel.Current(other.Cpu(1)));
        Assert.Throws<ArgumentException>("processor", () => kernel.Kernel.Current(other.Cpu(3)));
        Assert.Throws<ArgumentException>("processor", () => kernel.Kernel.SetCurrent(other.Cpu(0), kernel.Kernel.NewTask(1)));
    }

    [Fact]
    public void SetCurrent_TaskOfAnotherKernel_NamesTheParameter()
    {
        var kernel = new TestKernel();
        var other = new TestKernel();

        Assert.Throws<ArgumentException>("next", () => kernel.Kernel.SetCurrent(kernel.Cpu(0), other.Kernel.NewTask(1)));
    }

    [Fact]
    public void DirectAddress_HighMemory_NamesTheParameter()
    {
        GuestKernel kernel = new TestKernel().Kernel;

        Assert.Throws<ArgumentOutOfRangeException>("frame", () => kernel.DirectAddress(TestKernel.High(0)));
    }

    [Theory]
    [InlineData(0xC000_0000, 32)]
    [InlineData(0xC000_0000, 8)]
    [InlineData(0x8000_0000, 32)]
    [InlineData(0x4000_0000, 64)]
    public void DirectMap_FirstAndLastLowPage_AreMappedOnEveryCpu(uint pageOffset, int nrCpus)
    {
        var test = new TestKernel(processors: 3, layout: new KernelLayout(nrCpus, pageOffset: pageOffset));
        var first = new PageFrame(0);
        var last = new PageFrame((test.Layout.LowMemoryInBytes >> 12) - 1);
        test.Stamp(first);
        test.Stamp(last);

        for (int cpu = 0; cpu < 3; cpu++)
        {
            Assert.True(test.Reads(cpu, test.Kernel.DirectAddress(first), first));
            Assert.True(test.Reads(cpu, test.Kernel.DirectAddress(last), last));
            Assert.Null(test.Read(cpu, pageOffset + test.Layout.LowMemoryInBytes));
        }

        Assert.True(test.Kernel.IsLowMemory(last));
        Assert.False(test.Kernel.IsLowMemory(new PageFrame(last.Number + 1)));
    }

    [Fact]
    public void Boot_WindowsOfTheStrategies_AreEmptyAndHaveTables()
    {
        var test = new TestKernel(processors: 1);

        foreach (uint linear in new[]
        {
            test.Layout.VmallocStart, test.Layout.VmallocEnd - 4096, test.Layout.PkmapBase, test.Layout.PkmapEnd - 4096,
            test.Layout.KmapLocalStart, test.Layout.KmapLocalEnd - 4096,
        })
        {
            Assert.Equal(0x63ul, test.Load(test.DirectoryEntryAddress(linear)) & 0xFFF);
            Assert.Equal(0ul, test.Entry(linear));
        }
    }

    [Fact]
    public void SetEntry_AnyKernelPage_IsInGuestMemoryForEveryCpu()
    {
        var test = new TestKernel(processors: 2);
        PageFrame frame = TestKernel.High(7);
        test.Stamp(frame);
        uint linear = test.Layout.PkmapBase + 0x5000;
        Events before = test.Events;

        test.Kernel.SetEntry(test.Cpu(0), linear, TestKernel.EntryFor(frame));

        Assert.Equal(new Events(Stores: 2), test.Since(before));
        Assert.Equal(TestKernel.EntryFor(frame), test.Entry(linear));
        Assert.True(test.Reads(1, linear, frame));
    }

    [Fact]
    public void ClearEntry_PresentEntry_IsEmptyButStaysUsableWhereItIsCached()
    {
        var test = new TestKernel(processors: 2);
        PageFrame frame = TestKernel.High(7);
        test.Stamp(frame);
        uint linear = test.Layout.PkmapBase;
        test.Kernel.SetEntry(test.Cpu(0), linear, TestKernel.EntryFor(frame));
        Assert.True(test.Reads(1, linear, frame));
        Events before = test.Events;

        test.Kernel.ClearEntry(test.Cpu(0), linear);

        Assert.Equal(new Events(Stores: 2), test.Since(before));
        Assert.Equal(0ul, test.Entry(linear));
        Assert.Null(test.Read(0, linear));
        Assert.True(test.Reads(1, linear, frame));
        test.Kernel.FlushTlbOneKernel(test.Cpu(1), linear + 0x123);
        Assert.Null(test.Read(1, linear));
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(0x8000_0003_2222_1163ul)]
    public void ExchangeEntry_PresentEntry_IsOneLockedExchange(ulong entry)
    {
        var test = new TestKernel(processors: 1);
        uint linear = test.Layout.VmallocStart;
        test.Kernel.SetEntry(test.Cpu(0), linear, Entry);
        Events before = test.Events;

        Assert.Equal(Entry, test.Kernel.ExchangeEntry(test.Cpu(0), linear, entry));

        Assert.Equal(new Events(Stores: 0, Exchanges: 1), test.Since(before));
        Assert.Equal(entry, test.Entry(linear));
    }

    [Fact]
    public void Entry_PageWithoutATable_NamesTheAddress()
    {
        var test = new TestKernel(processors: 1);
        uint linear = test.Layout.PageOffset;

        Assert.Throws<ArgumentOutOfRangeException>("address", () => test.Kernel.LoadEntry(test.Cpu(0), linear));
        Assert.Throws<ArgumentOutOfRangeException>("address", () => test.Kernel.SetEntry(test.Cpu(0), linear, Entry));
        Assert.Throws<ArgumentOutOfRangeException>("address", () => test.Kernel.ClearEntry(test.Cpu(0), linear));
        Assert.Throws<ArgumentOutOfRangeException>("address", () => test.Kernel.ExchangeEntry(test.Cpu(0), linear, 0));
    }

    // A processor of another machine would change that machine's memory.
    [Fact]
    public void Primitive_ProcessorOfAnotherMachine_NamesTheParameter()
    {
        GuestKernel kernel = new TestKernel(processors: 1).Kernel;
        Processor foreign = new TestKernel(processors: 1).Cpu(0);
        uint linear = kernel.Layout.PkmapBase;

        Assert.All(
            new Action[]
            {
                () => kernel.LoadEntry(foreign, linear),
                () => kernel.SetEntry(foreign, linear, Entry),
                () => kernel.ClearEntry(foreign, linear),
                () => kernel.ExchangeEntry(foreign, linear, 0),
                () => kernel.FlushTlbOneKernel(foreign, linear),
                () => kernel.FlushTlbKernelRange(foreign, linear, linear + 4096),
                () => kernel.FlushTlbAll(foreign),
                () => kernel.Load(foreign, kernel.Layout.PageOffset),
                () => kernel.Store(foreign, kernel.Layout.PageOffset, 0),
                () => kernel.ChargeProbes(foreign, 1),
            },
            primitive => Assert.Throws<ArgumentException>("processor", primitive));
    }

    // Core Duo: from memory 235 cycles the first time, from the first-level cache 3 the second time, stores 3.
    [Fact]
    public void LoadStore_KernelData_CostWhatTheDataCachesCharge()
    {
        var test = new TestKernel(processors: 1);
        ProcessorClock clock = test.Cpu(0).Clock;
        uint data = test.Kernel.AllocateLowMemory(64);
        test.Kernel.Load(test.Cpu(0), test.Kernel.AllocateLowMemory(64)); // brings the translation of the direct map in
        long before = clock.Accounts[CycleAccount.Lock];

        uint first = test.Kernel.Load(test.Cpu(0), data);
        long afterFirst = clock.Accounts[CycleAccount.Lock];
        test.Kernel.Store(test.Cpu(0), data, 0x1234_5678);
        long afterStore = clock.Accounts[CycleAccount.Lock];
        uint second = test.Kernel.Load(test.Cpu(0), data);

        Assert.Equal((0u, 0x1234_5678u), (first, second));
        Assert.Equal((long)CpuModels.CoreDuo.Dram.Value, afterFirst - before);
        Assert.Equal((long)CpuModels.CoreDuo.L1.LoadToUse.Value, afterStore - afterFirst);
        Assert.Equal((long)CpuModels.CoreDuo.L1.LoadToUse.Value, clock.Accounts[CycleAccount.Lock] - afterStore);
        Assert.Equal(0, clock.Accounts[CycleAccount.Work]);
    }

    [Fact]
    public void Load_AddressThatNothingMaps_NamesIt()
    {
        var test = new TestKernel(processors: 1);

        Assert.Throws<ArgumentOutOfRangeException>("address", () => test.Kernel.Load(test.Cpu(0), test.Layout.PkmapBase));
        Assert.Throws<ArgumentOutOfRangeException>("address", () => test.Kernel.Store(test.Cpu(0), test.Layout.PkmapBase, 1));
        Assert.Equal(CycleAccount.Work, test.Cpu(0).Clock.Account);
    }

    [Fact]
    public void AllocateLowMemory_Twice_OverlapsNothing()
    {
        var test = new TestKernel(processors: 1);
        uint first = test.Kernel.AllocateLowMemory(1);
        uint second = test.Kernel.AllocateLowMemory(100);
        uint third = test.Kernel.AllocateLowMemory(1);
        ulong lastTable = test.EntryAddress(test.Layout.KmapLocalEnd - 4096) & ~0xFFFul;

        Assert.Equal((64u, 128u), (second - first, third - second));
        Assert.Equal(0u, first % 64);
        Assert.True(first - test.Layout.PageOffset > lastTable);
        Assert.Equal(0u, test.Kernel.Load(test.Cpu(0), first));
        Assert.Throws<InvalidOperationException>(() => test.Kernel.AllocateLowMemory(int.MaxValue));
    }

    [Fact]
    public void FlushTlbAll_StaleTranslations_AreGoneFromEveryCpu()
    {
        var test = new TestKernel(processors: 3);
        uint linear = test.Layout.VmallocStart;
        test.Kernel.SetEntry(test.Cpu(0), linear, TestKernel.EntryFor(TestKernel.High(1)));
        Assert.All([0, 1, 2], cpu => Assert.NotNull(test.Read(cpu, linear)));
        test.Kernel.ClearEntry(test.Cpu(0), linear);
        Events before = test.Events;

        test.Kernel.FlushTlbAll(test.Cpu(1));

        Assert.Equal(new Events(0, Sent: 2, Handled: 2, FullFlushes: 3, Cr4Writes: 6), test.Since(before));
        Assert.All([0, 1, 2], cpu => Assert.Null(test.Read(cpu, linear)));
        Assert.Equal(0, test.Kernel.Flushes);
    }

    // The entry that is written is the one that maps its own page table into the direct map, and nothing is cached: the first
    // of the two stores decides where the second one lands. High half first: it then maps the same table at 4 GiB.
    [Fact]
    public void SetEntry_ItsTwoStores_AreHighThenLow()
    {
        (TestKernel test, uint linear, ulong at) = RecursiveEntry(high: 0);
        uint low = test.Load32(at);

        test.Kernel.SetEntry(test.Cpu(0), linear, Entry);

        Assert.Equal((0x8000_0001u, low), (test.Load32(at + 4), test.Load32(at)));
        Assert.Equal(0x2345_6163u, test.Load32((1UL << 32) + at));
        Assert.Equal(0ul, test.Load(0x2345_6000 + (at & 0xFFF)));
    }

    // Low half first: P is gone, and the second store has nothing to go through.
    [Fact]
    public void ClearEntry_ItsTwoStores_AreLowThenHigh()
    {
        (TestKernel test, uint linear, ulong at) = RecursiveEntry(high: 0x8000_0000);

        Record.Exception(() => test.Kernel.ClearEntry(test.Cpu(0), linear));

        Assert.Equal((0x8000_0000u, 0u), (test.Load32(at + 4), test.Load32(at)));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(33, false)]
    [InlineData(34, true)]
    [InlineData(512, true)]
    public void FlushTlbKernelRange_UpToThirtyThreePages_GoesPageByPage(int pages, bool full)
    {
        var test = new TestKernel(processors: 4);
        uint start = test.Layout.VmallocStart + 0x10_0000;
        uint end = start + ((uint)pages * PageFrame.SizeInBytes);
        Events before = test.Events;

        test.Kernel.FlushTlbKernelRange(test.Cpu(1), start, end);

        Events expected = full
            ? new Events(0, Sent: 3, Handled: 3, FullFlushes: 4, Cr4Writes: 8)
            : new Events(0, Sent: 3, Handled: 3, Invlpgs: 4 * pages);
        Assert.Equal(expected, test.Since(before));
        Assert.Equal(new FlushRecord(start, end, Initiator: 1, full, Processors: 0b1111), test.Kernel.LastFlush);
        Assert.Equal(1, test.Kernel.Flushes);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(34)]
    public void FlushTlbKernelRange_OneCpu_SendsNothing(int pages)
    {
        var test = new TestKernel(processors: 1);
        uint start = test.Layout.PkmapBase;

        test.Kernel.FlushTlbKernelRange(test.Cpu(0), start, start + ((uint)pages * PageFrame.SizeInBytes));

        Assert.Equal((0L, 0L), (test.Events.Sent, test.Events.Handled));
        Assert.Equal(1ul, test.Kernel.LastFlush.Processors);
        Assert.Equal(0, test.Cpu(0).Clock.Accounts[CycleAccount.Shootdown]);
    }

    [Theory]
    [InlineData(33, true)]
    [InlineData(34, false)]
    public void FlushTlbKernelRange_StaleTranslations_AreGoneFromTheRangeOnEveryCpu(int pages, bool beyondStays)
    {
        var test = new TestKernel(processors: 3);
        uint start = test.Layout.VmallocStart;
        uint beyond = start + ((uint)pages * PageFrame.SizeInBytes);
        uint last = beyond - PageFrame.SizeInBytes;
        foreach (uint linear in new[] { start, last, beyond })
        {
            test.Kernel.SetEntry(test.Cpu(0), linear, TestKernel.EntryFor(TestKernel.High(1)));
            for (int cpu = 0; cpu < 3; cpu++)
            {
                Assert.NotNull(test.Read(cpu, linear));
            }

            test.Kernel.ClearEntry(test.Cpu(0), linear);
        }

        test.Kernel.FlushTlbKernelRange(test.Cpu(2), start, beyond);

        for (int cpu = 0; cpu < 3; cpu++)
        {
            Assert.Null(test.Read(cpu, start));
            Assert.Null(test.Read(cpu, last));
            Assert.Equal(beyondStays, test.Read(cpu, beyond) is not null);
        }
    }

    [Fact]
    public void Current_AfterBoot_IsAnIdleTaskForEachCpu()
    {
        var test = new TestKernel(processors: 2);

        Assert.Equal((0, 0), (test.Kernel.Current(test.Cpu(0)).Pid, test.Kernel.Current(test.Cpu(1)).Pid));
        Assert.NotSame(test.Kernel.Current(test.Cpu(0)), test.Kernel.Current(test.Cpu(1)));
    }

    /// <summary>An entry through which the kernel reaches the entry itself, on a CPU that caches nothing.</summary>
    private static (TestKernel Test, uint Linear, ulong Physical) RecursiveEntry(uint high)
    {
        var test = new TestKernel(processors: 1, tlbs: TlbConfiguration.Coherent);
        uint region = (test.Layout.VmallocStart + (2 << 20)) & ~0x1F_FFFFu;
        ulong table = test.EntryAddress(region);
        uint inDirectMap = test.Layout.PageOffset + (uint)table;
        test.Store(test.DirectoryEntryAddress(inDirectMap), table | 0x63);
        ulong entry = test.EntryAddress(inDirectMap);
        test.Store(entry, ((ulong)high << 32) | table | 0x63);
        return (test, region + (inDirectMap & 0x1F_F000), entry);
    }
}
