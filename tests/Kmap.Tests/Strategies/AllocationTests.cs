using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Kmap.Tests.Kernel;
using X86Pae.Paging;
using X86Pae.Smp;

namespace X86Pae.Kmap.Tests.Strategies;

public sealed class AllocationTests
{
    private const int Operations = 100_000;

    [Fact]
    public void PersistentKmap_MapTouchUnmap_AllocatesNothing() => AllocatesNothing(kernel => new PersistentKmap(kernel));

    [Fact]
    public void KmapAtomic_MapTouchUnmap_AllocatesNothing() => AllocatesNothing(kernel => new KmapAtomic(kernel));

    [Fact]
    public void KmapLocal_MapTouchUnmapSwitch_AllocatesNothing() => AllocatesNothing(kernel => new KmapLocal(kernel));

    [Fact]
    public void Vmap_MapTouchUnmap_AllocatesNothing() => AllocatesNothing(kernel => new Vmap(kernel));

    private static void AllocatesNothing<TStrategy>(Func<GuestKernel, TStrategy> create)
        where TStrategy : struct, IMappingStrategy
    {
        var test = new TestKernel(processors: 2);
        TStrategy strategy = create(test.Kernel);
        for (int i = 0; i < 1000; i++)
        {
            test.Stamp(TestKernel.High(i));
        }

        Serve(test, strategy); // the first turn brings guest memory and compiled code into being

        long before = GC.GetAllocatedBytesForCurrentThread();
        int faults = Serve(test, strategy);

        Assert.Equal((0L, 0), (GC.GetAllocatedBytesForCurrentThread() - before, faults));
    }

    private static int Serve<TStrategy>(TestKernel test, TStrategy strategy)
        where TStrategy : struct, IMappingStrategy
    {
        int faults = 0;
        for (int i = 0; i < Operations; i++)
        {
            Processor processor = test.Cpu(i & 1);
            PageFrame frame = TestKernel.High(i % 1000);
            uint address = strategy.Map(processor, frame).Address;
            KernelTask task = test.Kernel.Current(processor);
            strategy.SwitchOut(processor, task);
            strategy.SwitchIn(processor, task);
            faults += processor.Mmu.Read(address, Access.SupervisorRead, out ulong _).IsFault ? 1 : 0;
            strategy.Unmap(processor, frame, address);
        }

        return faults;
    }
}
