using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Kmap.Tests.Kernel;
using X86Pae.Tlb;

namespace X86Pae.Kmap.Tests.Strategies;

// The oracle of all strategies: through a live mapping every CPU that may use it finds the page's own bytes, whatever went on
// before. With TLBs that never evict, a missing invalidation cannot hide.
public sealed class MappingProgramTests
{
    private const int Steps = 20_000;

    public static TheoryData<int, int, bool> Machines { get; } = new()
    {
        { 1, 1, false },
        { 2, 1, true },
        { 3, 2, true },
        { 4, 4, false },
        { 5, 4, true },
    };

    [Theory]
    [MemberData(nameof(Machines))]
    public void PersistentKmap_AnyLegalProgram_ReadsThePagesMapped(int seed, int cpus, bool neverEvicts)
    {
        TestKernel test = Run(seed, cpus, neverEvicts, kernel => new PersistentKmap(kernel));

        Assert.True(test.Kernel.Flushes > 4);
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void KmapAtomic_AnyLegalProgram_ReadsThePagesMapped(int seed, int cpus, bool neverEvicts)
    {
        TestKernel test = Run(seed, cpus, neverEvicts, kernel => new KmapAtomic(kernel));

        Assert.Equal((0L, 0L), (test.Kernel.Flushes, test.Events.Sent));
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void KmapLocal_AnyLegalProgram_ReadsThePagesMapped(int seed, int cpus, bool neverEvicts)
    {
        TestKernel test = Run(seed, cpus, neverEvicts, kernel => new KmapLocal(kernel));

        Assert.Equal((0L, 0L), (test.Kernel.Flushes, test.Events.Sent));
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void Vmap_AnyLegalProgram_ReadsThePagesMapped(int seed, int cpus, bool neverEvicts)
    {
        var test = new TestKernel(cpus, neverEvicts ? TlbConfiguration.MaximallyStale : null);
        var vmap = new Vmap(test.Kernel);
        var program = new MappingProgram<Vmap>(test, vmap, seed);
        for (int i = 0; i < 20; i++)
        {
            program.Run(Steps / 20);
            vmap.Purge(test.Cpu(i % cpus));
        }

        Assert.True(program.Accesses > Steps / 4);
        Assert.Equal(20, test.Kernel.Flushes);
    }

    private static TestKernel Run<TStrategy>(int seed, int cpus, bool neverEvicts, Func<GuestKernel, TStrategy> create)
        where TStrategy : struct, IMappingStrategy
    {
        var test = new TestKernel(cpus, neverEvicts ? TlbConfiguration.MaximallyStale : null);
        var program = new MappingProgram<TStrategy>(test, create(test.Kernel), seed);

        program.Run(Steps);

        Assert.True(program.Accesses > Steps / 4);
        return test;
    }
}
