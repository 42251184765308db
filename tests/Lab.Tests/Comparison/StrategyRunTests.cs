using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Lab.Comparison;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Lab.Tests.Comparison;

// A workload that one strategy's callers recorded, served by another whose contract forbids what they do.
public sealed class StrategyRunTests
{
    private const uint Window = 0xFFDB_C000;

    private static readonly ComparisonSettings Settings = new(CpuModels.CoreDuo);

    // A, B and C mapped; A given up first: under LIFO, C and B are given up and made again.
    private static readonly TraceText OutOfOrder = new TraceText()
        .Map(10, 0, 1).Mapped(10, 0, TraceText.Pool(1)).Map(10, 0, 2).Mapped(10, 0, TraceText.Pool(2))
        .Map(10, 0, 3).Mapped(10, 0, TraceText.Pool(3)).Unmap(10, 0, 1).Unmap(10, 0, 3).Unmap(10, 0, 2);

    // Two mappings live across a switch to another task, which maps too.
    private static readonly TraceText SwitchedOut = new TraceText()
        .LocalMap(10, 0, 1).LocalMapped(10, 0, TraceText.Local(0, 0)).LocalMap(10, 0, 2).LocalMapped(10, 0, TraceText.Local(0, 1))
        .Switch(0, 10, 11).LocalMap(11, 0, 3).LocalMapped(11, 0, TraceText.Local(0, 0)).LocalUnmap(11, 0, TraceText.Local(0, 0))
        .Switch(0, 11, 10).LocalUnmap(10, 0, TraceText.Local(0, 1)).LocalUnmap(10, 0, TraceText.Local(0, 0));

    // A mapping that moves to another CPU with its task, and a second one made there.
    private static readonly TraceText Migrating = new TraceText()
        .Map(10, 0, 1).Mapped(10, 0, TraceText.Pool(1)).Switch(0, 10, 11).Switch(3, 0, 10)
        .Map(10, 3, 2).Mapped(10, 3, TraceText.Pool(2)).Unmap(10, 3, 2).Unmap(10, 3, 1)
        .Map(11, 0, 4).Mapped(11, 0, TraceText.Pool(4)).Unmap(11, 0, 4);

    // Two mappings of a task that goes on running on CPU 0; the first is given up by another task on CPU 3.
    private static readonly TraceText HandedOver = new TraceText()
        .Map(10, 0, 1).Mapped(10, 0, TraceText.Pool(1)).Map(10, 0, 2).Mapped(10, 0, TraceText.Pool(2))
        .Map(11, 3, 3).Mapped(11, 3, TraceText.Pool(3)).Unmap(11, 3, 1).Unmap(11, 3, 3)
        .Map(10, 0, 4).Mapped(10, 0, TraceText.Pool(4)).Unmap(10, 0, 4).Unmap(10, 0, 2);

    // The maker is off every CPU when its mapping is given up by another.
    private static readonly TraceText HandedOverBySleeper = new TraceText()
        .Map(10, 0, 1).Mapped(10, 0, TraceText.Pool(1)).Switch(0, 10, 0).Unmap(11, 3, 1)
        .Switch(0, 0, 10).Map(10, 0, 4).Mapped(10, 0, TraceText.Pool(4)).Unmap(10, 0, 4);

    // As Migrating, in a recording without context switches until the end.
    private static readonly TraceText WithoutSwitches = new TraceText()
        .Map(10, 0, 1).Mapped(10, 0, TraceText.Pool(1)).Map(10, 3, 2).Mapped(10, 3, TraceText.Pool(2))
        .Switch(0, 0, 11).Map(11, 0, 4).Mapped(11, 0, TraceText.Pool(4)).Unmap(10, 3, 2).Unmap(10, 3, 1).Unmap(11, 0, 4);

    public static TheoryData<string> Workloads { get; } =
    [
        nameof(OutOfOrder), nameof(SwitchedOut), nameof(Migrating), nameof(HandedOver), nameof(HandedOverBySleeper),
        nameof(WithoutSwitches),
    ];

    [Theory]
    [MemberData(nameof(Workloads))]
    public void Run_WorkloadThatUnmapsEverything_LeavesTheLocalWindowsEmpty(string name)
    {
        Workload workload = Find(name).ToWorkload();

        LeavesNothing(workload, kernel => new KmapAtomic(kernel));
        LeavesNothing(workload, kernel => new KmapLocal(kernel));
    }

    [Theory]
    [MemberData(nameof(Workloads))]
    public void Run_AnyStrategy_ServesEveryMapping(string name)
    {
        Workload workload = Find(name).ToWorkload();

        Assert.All(StrategyComparison.Run(ComparedStrategy.BuiltIn, workload, new ComparisonSettings(CpuModels.CoreDuo) { Touch = Touch.Page }), result =>
        {
            Assert.Equal((workload.Mappings, 0L, 0L), (result.Maps, result.Refused, result.WrongReads));
        });
    }

    [Theory]
    [InlineData(nameof(OutOfOrder), 2, 2)]
    [InlineData(nameof(SwitchedOut), 2, 0)]
    [InlineData(nameof(Migrating), 1, 0)]
    [InlineData(nameof(HandedOver), 1, 1)]
    [InlineData(nameof(HandedOverBySleeper), 1, 0)]
    [InlineData(nameof(WithoutSwitches), 1, 0)]
    public void Run_ContractThatForbidsTheWorkload_MakesMappingsAgain(string name, long atomic, long local)
    {
        Workload workload = Find(name).ToWorkload();

        Assert.Equal(atomic, Run(workload, kernel => new KmapAtomic(kernel)).MadeAgain);
        Assert.Equal(local, Run(workload, kernel => new KmapLocal(kernel)).MadeAgain);
        Assert.Equal(0, Run(workload, kernel => new PersistentKmap(kernel)).MadeAgain);
        Assert.Equal(0, Run(workload, kernel => new Vmap(kernel)).MadeAgain);
    }

    // Every making is two stores and every giving up two stores and an INVLPG; kmap_local's switch of two is 4 + 2 and 4.
    [Fact]
    public void Run_MadeAgain_IsInTheFigures()
    {
        StrategyResult atomic = Run(SwitchedOut.ToWorkload(), kernel => new KmapAtomic(kernel));
        StrategyResult local = Run(SwitchedOut.ToWorkload(), kernel => new KmapLocal(kernel));

        Assert.Equal((3L, 4 * (3 + 2L), 3 + 2L), (atomic.Maps, atomic.Kernel.EntryStores, atomic.Hardware.Invlpgs));
        Assert.Equal((3L, (4 * 3) + 8L, 3 + 2L), (local.Maps, local.Kernel.EntryStores, local.Hardware.Invlpgs));
    }

    [Fact]
    public void Run_MapThatIsRefused_IsCountedAndItsUnmapSkipped()
    {
        var text = new TraceText();
        for (int i = 0; i < 17; i++)
        {
            text.Map(10, 0, i).Mapped(10, 0, TraceText.Pool(i + 1));
        }

        for (int i = 16; i >= 0; i--)
        {
            text.Unmap(10, 0, i);
        }

        StrategyResult atomic = Run(text.ToWorkload(), kernel => new KmapAtomic(kernel));
        StrategyResult local = Run(text.ToWorkload(), kernel => new KmapLocal(kernel));

        Assert.Equal((16L, 1L), (atomic.Maps, atomic.Refused));
        Assert.Equal((15L, 2L), (local.Maps, local.Refused));
    }

    // Low pages belong to the kernel, its own tables among them: touching one must not change it.
    [Fact]
    public void Run_LowPage_IsReadWithoutBeingWritten()
    {
        var text = new TraceText();
        for (int page = 0x1000; page < 0x1080; page++)
        {
            text.Add(10, 0, $"kmap_local_map: (f+0x0/0x1) pfn=0x{page:x}").LocalMapped(10, 0, TraceText.Local(0, 0));
            text.LocalUnmap(10, 0, TraceText.Local(0, 0));
        }

        GuestKernel kernel = GuestKernel.Boot(CpuModels.CoreDuo, 4);
        ulong[] before = FirstOfEachPage(kernel);
        StrategyResult result = new StrategyRun<KmapLocal>(text.ToWorkload(), Settings with { Touch = Touch.Page }, kernel, new KmapLocal(kernel)).Run();

        Assert.Equal((128L, 0L), (result.Maps, result.WrongReads));
        Assert.Equal(before, FirstOfEachPage(kernel));

        static ulong[] FirstOfEachPage(GuestKernel kernel)
        {
            var memory = new RamBus(kernel.Machine.Memory);
            return [.. Enumerable.Range(0x1000, 0x80).Select(page => memory.Load<ulong>((ulong)page << 12))];
        }
    }

    [Theory]
    [InlineData(Touch.None, 0)]
    [InlineData(Touch.Once, 1)]
    [InlineData(Touch.Page, 64)]
    public void Run_Touch_ReadsSoManyLinesOfEachPage(Touch touch, int lines)
    {
        GuestKernel kernel = GuestKernel.Boot(CpuModels.CoreDuo, 4);
        TraceText text = new TraceText().LocalMap(10, 0, 1).LocalMapped(10, 0, TraceText.Local(0, 0));

        StrategyResult result = new StrategyRun<KmapLocal>(text.ToWorkload(), Settings with { Touch = touch }, kernel, new KmapLocal(kernel)).Run();

        Assert.Equal((long)lines * CpuModels.CoreDuo.Dram.Value, result.Accounts[CycleAccount.Work]);
    }

    // Core Duo, the second mapping of a page in a slot that was used before: PTE stores, refill and data come from memory, not L1.
    [Fact]
    public void Run_ColdCaches_TakesFromMemoryWhatHotOnesHold()
    {
        var text = new TraceText();
        for (int i = 0; i < 3; i++)
        {
            text.LocalMap(10, 0, 1).LocalMapped(10, 0, TraceText.Local(0, 0)).LocalUnmap(10, 0, TraceText.Local(0, 0));
        }

        StrategyResult hot = Run(CacheState.Hot);
        StrategyResult cold = Run(CacheState.Cold);

        Assert.Equal(WithoutPlaces(hot.Hardware), WithoutPlaces(cold.Hardware));
        Assert.True(cold.Hardware.TableLoadsFromMemory > hot.Hardware.TableLoadsFromMemory);
        Assert.Equal(hot.Accounts[CycleAccount.Flush], cold.Accounts[CycleAccount.Flush]);
        Assert.Equal(2 * (235 - 3), cold.Accounts[CycleAccount.Work] - hot.Accounts[CycleAccount.Work]);
        Assert.True(cold.Accounts[CycleAccount.Refill] > hot.Accounts[CycleAccount.Refill]);
        Assert.True(cold.Hardware.MemoryAccesses >= hot.Hardware.MemoryAccesses + (2 * 3));

        static EventCounts WithoutPlaces(EventCounts counts) => counts with
        {
            MemoryAccesses = 0, TableLoadsFromL1 = 0, TableLoadsFromL2 = 0, TableLoadsFromMemory = 0,
        };

        StrategyResult Run(CacheState caches)
        {
            GuestKernel kernel = GuestKernel.Boot(CpuModels.CoreDuo, 4);
            return new StrategyRun<KmapLocal>(text.ToWorkload(), Settings with { Caches = caches }, kernel, new KmapLocal(kernel)).Run();
        }
    }

    private static TraceText Find(string name) => name switch
    {
        nameof(OutOfOrder) => OutOfOrder,
        nameof(SwitchedOut) => SwitchedOut,
        nameof(Migrating) => Migrating,
        nameof(HandedOver) => HandedOver,
        nameof(WithoutSwitches) => WithoutSwitches,
        _ => HandedOverBySleeper,
    };

    private static StrategyResult Run<TStrategy>(Workload workload, Func<GuestKernel, TStrategy> create)
        where TStrategy : struct, IMappingStrategy
    {
        GuestKernel kernel = GuestKernel.Boot(CpuModels.CoreDuo, workload.Processors);
        return new StrategyRun<TStrategy>(workload, Settings, kernel, create(kernel)).Run();
    }

    private static void LeavesNothing<TStrategy>(Workload workload, Func<GuestKernel, TStrategy> create)
        where TStrategy : struct, IMappingStrategy
    {
        GuestKernel kernel = GuestKernel.Boot(CpuModels.CoreDuo, workload.Processors);
        TStrategy strategy = create(kernel);
        new StrategyRun<TStrategy>(workload, Settings, kernel, strategy).Run();

        var memory = new RamBus(kernel.Machine.Memory);
        ulong pdpte = memory.Load<ulong>((kernel.Machine.Processors[0].Mmu.Cr3 & ~31u) + 24);
        for (uint linear = Window; linear < Window + (512u << 12); linear += PageFrame.SizeInBytes)
        {
            ulong pde = memory.Load<ulong>((pdpte & EntryBits.Frame) + (8 * ((linear >> 21) & 511)));
            Assert.Equal(0ul, memory.Load<ulong>((pde & EntryBits.Frame) + (8 * ((linear >> 12) & 511))));
        }

        // No stack has anything left on it: the next mapping on each CPU is its first.
        for (int cpu = 0; cpu < workload.Processors; cpu++)
        {
            Processor processor = kernel.Machine.Processors[cpu];
            kernel.SetCurrent(processor, kernel.NewTask(1000 + cpu));
            Assert.Equal(kernel.Layout.KmapLocalAddress(cpu, 0), strategy.Map(processor, new PageFrame(0x20_0000)).Address);
        }
    }
}
