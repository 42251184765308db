using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Kmap.Tests.Kernel;
using X86Pae.Smp;

namespace X86Pae.Kmap.Tests.Strategies;

/// <summary>
/// A random program of maps, unmaps, accesses and context switches that respects a strategy's contract, and knows without any
/// page table which page each live mapping shows.
/// </summary>
internal sealed class MappingProgram<TStrategy>
    where TStrategy : struct, IMappingStrategy
{
    private const int Tasks = 7;
    private const int Pages = 3000;
    private const int LiveForEachTask = 6;

    private readonly TestKernel _test;
    private readonly TStrategy _strategy;
    private readonly Random _random;
    private readonly KernelTask[] _tasks;
    private readonly List<Live>[] _live;
    private readonly int[] _cpuOf; // of each task; -1 while it does not run
    private readonly int[] _running; // task of each CPU

    public MappingProgram(TestKernel test, TStrategy strategy, int seed)
    {
        _test = test;
        _strategy = strategy;
        _random = new Random(seed);
        int cpus = test.Machine.Processors.Length;
        _tasks = [.. Enumerable.Range(0, Tasks).Select(i => test.Kernel.NewTask(100 + i))];
        _live = [.. Enumerable.Range(0, Tasks).Select(_ => new List<Live>())];
        _cpuOf = [.. Enumerable.Range(0, Tasks).Select(i => i < cpus ? i : -1)];
        _running = [.. Enumerable.Range(0, cpus)];
        for (int i = 0; i < cpus; i++)
        {
            test.Kernel.SetCurrent(test.Cpu(i), _tasks[i]);
        }

        for (int i = 0; i < Pages; i++)
        {
            test.Stamp(Page(i));
        }
    }

    public int Accesses { get; private set; }

    private static bool AnyProcessor => (TStrategy.Contract & MappingContract.OneProcessor) == 0;

    private static bool AnyOrder => (TStrategy.Contract & MappingContract.LastInFirstOut) == 0;

    private static bool MaySleep => (TStrategy.Contract & MappingContract.NoSleep) == 0;

    public void Run(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            int cpu = _random.Next(_running.Length);
            switch (_random.Next(10))
            {
                case < 3:
                    Map(cpu);
                    break;
                case < 6:
                    Unmap(cpu);
                    break;
                case < 9:
                    Access(cpu);
                    break;
                default:
                    Switch(cpu);
                    break;
            }
        }
    }

    private static PageFrame Page(int n) => n < 20 ? new PageFrame(0x9000 + (ulong)n) : TestKernel.High(n);

    private void Map(int cpu)
    {
        List<Live> live = _live[_running[cpu]];
        if (live.Count == LiveForEachTask)
        {
            return;
        }

        PageFrame page = Page(_random.Next(Pages));
        MapOutcome outcome = _strategy.Map(_test.Cpu(cpu), page);

        Assert.Equal(MapStatus.Mapped, outcome.Status);
        live.Add(new Live(page, outcome.Address));
        Check(cpu, live[^1]);
    }

    private void Unmap(int cpu)
    {
        // Where any CPU may use a mapping, any task may give it up.
        List<Live> live = _live[AnyProcessor ? _random.Next(Tasks) : _running[cpu]];
        if (live.Count > 0)
        {
            int at = AnyOrder ? _random.Next(live.Count) : live.Count - 1;
            uint offset = (uint)_random.Next(PageFrame.SizeInBytes);

            Assert.Equal(UnmapStatus.Unmapped, _strategy.Unmap(_test.Cpu(cpu), live[at].Page, live[at].Address + offset));
            live.RemoveAt(at);
        }
    }

    private void Access(int cpu)
    {
        List<Live> live = _live[AnyProcessor ? _random.Next(Tasks) : _running[cpu]];
        if (live.Count > 0)
        {
            Check(cpu, live[_random.Next(live.Count)]);
        }
    }

    private void Switch(int cpu)
    {
        int next = _random.Next(Tasks);
        int leaving = _running[cpu];
        bool pinned = !AnyProcessor && !HomeIs(next, cpu);
        if (_cpuOf[next] >= 0 || pinned || (!MaySleep && _live[leaving].Count > 0))
        {
            return;
        }

        Processor processor = _test.Cpu(cpu);
        _strategy.SwitchOut(processor, _tasks[leaving]);
        _test.Kernel.SetCurrent(processor, _tasks[next]);
        _strategy.SwitchIn(processor, _tasks[next]);
        _cpuOf[leaving] = -1;
        _cpuOf[next] = cpu;
        _running[cpu] = next;
    }

    /// <summary>Whether a task's mappings of high memory, if it has any, were made on a CPU.</summary>
    private bool HomeIs(int task, int cpu) => _live[task].TrueForAll(
        live => !_test.Layout.IsKmapLocal(live.Address)
            || (live.Address <= _test.Layout.KmapLocalAddress(cpu, 0)
                && live.Address > _test.Layout.KmapLocalAddress(cpu + 1, 0)));

    private void Check(int cpu, Live mapping)
    {
        Accesses++;
        Assert.True(_test.Reads(cpu, mapping.Address, mapping.Page), $"{TStrategy.Name}: CPU {cpu} at {mapping.Address:x8}");
        ulong value = (ulong)_random.NextInt64();
        Assert.False(_test.Cpu(cpu).Mmu.Write(mapping.Address + 0x100, Paging.Access.SupervisorWrite, value).IsFault);
        Assert.Equal(value, _test.Load(mapping.Page.PhysicalAddress + 0x100));
    }

    private readonly record struct Live(PageFrame Page, uint Address);
}
