// One strategy serves one workload. The workload says who maps which page where and when; it was recorded from callers that
// knew their own strategy's contract, so another one's may forbid what they do. Then the run does what a caller would have
// to do instead, and counts it:
//
//   unmap out of order under LIFO           give up the ones above, unmap, make them again
//   switched out while holding a mapping    give all up before the switch, make them again when the task is back
//   moved to another CPU while holding one  not moved: a task that holds a mapping valid on one CPU only is pinned there
//   given up by another task                the task that made it gives it up, on the CPU where it runs if it does
//
// A task runs on one CPU at a time. One that turns up on another CPU without having been switched out, in a recording without
// its switches or after it was pinned, leaves the old one to the idle task.

using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Lab.Comparison;

/// <summary>Serves a workload by one strategy on a machine of its own.</summary>
/// <typeparam name="TStrategy">The strategy.</typeparam>
internal sealed class StrategyRun<TStrategy>
    where TStrategy : struct, IMappingStrategy
{
    private const ulong StampSalt = 0x9E37_79B9_7F4A_7C15;

    private readonly Workload _workload;
    private readonly ComparisonSettings _settings;
    private readonly GuestKernel _kernel;
    private readonly TStrategy _strategy;
    private readonly KernelTask[] _tasks;
    private readonly List<int>[] _held; // live mappings of each task, oldest first
    private readonly int[] _home; // CPU a task last ran on
    private readonly Dictionary<KernelTask, int> _numbers = [];
    private readonly uint[] _addresses; // of each mapping; 0 while it is not mapped
    private readonly PageFrame[] _frames;
    private long _maps;
    private long _refused;
    private long _madeAgain;
    private long _wrongReads;

    /// <summary>Prepares a run.</summary>
    /// <param name="workload">The mappings.</param>
    /// <param name="settings">What is done with each mapping.</param>
    /// <param name="kernel">A kernel that has just booted by these settings.</param>
    /// <param name="strategy">The strategy, created on this kernel.</param>
    public StrategyRun(Workload workload, ComparisonSettings settings, GuestKernel kernel, TStrategy strategy)
    {
        _workload = workload;
        _settings = settings;
        _kernel = kernel;
        _strategy = strategy;
        _tasks = new KernelTask[workload.Tasks];
        _held = new List<int>[workload.Tasks];
        _home = new int[workload.Tasks];
        for (int i = 0; i < workload.Tasks; i++)
        {
            bool idle = i < workload.Processors;
            _tasks[i] = idle ? kernel.Current(kernel.Machine.Processors[i]) : kernel.NewTask(i);
            _held[i] = [];
            _home[i] = idle ? i : -1;
            _numbers.Add(_tasks[i], i);
        }

        _addresses = new uint[workload.Mappings];
        _frames = new PageFrame[workload.Mappings];
    }

    private static bool Has(MappingContract rule) => (TStrategy.Contract & rule) != 0;

    /// <summary>Serves the whole workload.</summary>
    public StrategyResult Run()
    {
        foreach (ref readonly WorkloadStep step in _workload.Steps.Span)
        {
            int task = step.Kind == WorkloadStepKind.Unmap ? HolderOf(step.Mapping, step.Task) : step.Task;
            if (task < 0)
            {
                continue; // the mapping was refused
            }

            bool pinned = Has(MappingContract.OneProcessor) && !Has(MappingContract.NoSleep) && _held[task].Count > 0;
            bool runsElsewhere = task != step.Task && (IsRunning(task) || task < _workload.Processors);
            Processor processor = _kernel.Machine.Processors[pinned || runsElsewhere ? _home[task] : step.Cpu];
            processor.Clock.IdleUntil(step.Microseconds * _kernel.Machine.Model.FrequencyInMHz);
            SwitchTo(processor, task);
            switch (step.Kind)
            {
                case WorkloadStepKind.Map:
                    if (_settings.Caches == CacheState.Cold)
                    {
                        processor.Clock.EmptyDataCaches();
                    }

                    _frames[step.Mapping] = step.Frame;
                    Map(processor, task, step.Mapping);
                    break;
                case WorkloadStepKind.Unmap:
                    Unmap(processor, _held[task], step.Mapping);
                    break;
            }
        }

        return Summarise();
    }

    private void SwitchTo(Processor processor, int next)
    {
        KernelTask previous = _kernel.Current(processor);
        if (previous == _tasks[next])
        {
            return;
        }

        if (IsRunning(next))
        {
            SwitchTo(_kernel.Machine.Processors[_home[next]], _home[next]); // the idle task has its CPU's number
        }

        int leaving = _numbers[previous];
        bool giveUp = Has(MappingContract.NoSleep);
        if (giveUp)
        {
            GiveUp(processor, _held[leaving], from: 0);
        }

        _strategy.SwitchOut(processor, previous);
        _kernel.SetCurrent(processor, _tasks[next]);
        _home[next] = processor.Index;
        _strategy.SwitchIn(processor, _tasks[next]);
        if (giveUp)
        {
            MakeAgain(processor, _held[next], from: 0);
        }
    }

    private bool IsRunning(int task) =>
        _home[task] >= 0 && _kernel.Current(_kernel.Machine.Processors[_home[task]]) == _tasks[task];

    private void Map(Processor processor, int task, int mapping)
    {
        if (!TryMap(processor, mapping))
        {
            _refused++;
            return;
        }

        _maps++;
        _held[task].Add(mapping);
        if (_settings.Touch != Touch.None)
        {
            Read(processor, mapping);
        }
    }

    /// <summary>The task that holds a mapping, usually the one that gives it up; negative if the mapping was refused.</summary>
    private int HolderOf(int mapping, int task) =>
        _held[task].Contains(mapping) ? task : Array.FindIndex(_held, held => held.Contains(mapping));

    private void Unmap(Processor processor, List<int> held, int mapping)
    {
        int at = held.LastIndexOf(mapping);
        bool outOfOrder = Has(MappingContract.LastInFirstOut) && at != held.Count - 1;
        if (outOfOrder)
        {
            GiveUp(processor, held, from: at + 1);
        }

        _strategy.Unmap(processor, _frames[mapping], _addresses[mapping]);
        _addresses[mapping] = 0;
        held.RemoveAt(at);
        if (outOfOrder)
        {
            MakeAgain(processor, held, from: at);
        }
    }

    private bool TryMap(Processor processor, int mapping)
    {
        MapOutcome outcome = _strategy.Map(processor, _frames[mapping]);
        _addresses[mapping] = outcome.Address;
        return outcome.Status == MapStatus.Mapped;
    }

    private void GiveUp(Processor processor, List<int> held, int from)
    {
        for (int i = held.Count - 1; i >= from; i--)
        {
            _strategy.Unmap(processor, _frames[held[i]], _addresses[held[i]]);
            _addresses[held[i]] = 0;
        }
    }

    private void MakeAgain(Processor processor, List<int> held, int from)
    {
        for (int i = from; i < held.Count; i++)
        {
            _madeAgain++;
            if (!TryMap(processor, held[i]))
            {
                throw new InvalidOperationException($"{TStrategy.Name} could not make a mapping again that it had just given up.");
            }
        }
    }

    /// <summary>Reads through the mapping, and checks that the mapped page's bytes come back.</summary>
    private void Read(Processor processor, int mapping)
    {
        PageFrame frame = _frames[mapping];
        ulong stamp = Stamp(frame);
        int line = _kernel.Machine.Model.LineSizeInBytes;
        int end = _settings.Touch == Touch.Page ? PageFrame.SizeInBytes : 1;
        for (int offset = 0; offset < end; offset += line)
        {
            AccessResult result = processor.Mmu.Read(_addresses[mapping] + (uint)offset, Access.SupervisorRead, out ulong value);
            _wrongReads += result.IsFault || (offset == 0 && value != stamp) ? 1 : 0;
        }
    }

    /// <summary>Writes a value of its own into a high page, and returns a page's first eight bytes; low pages keep the kernel's data.</summary>
    private ulong Stamp(PageFrame frame)
    {
        var memory = new RamBus(_kernel.Machine.Memory);
        if (_kernel.IsLowMemory(frame))
        {
            return memory.Load<ulong>(frame.PhysicalAddress);
        }

        ulong stamp = frame.Number * StampSalt;
        memory.Store(frame.PhysicalAddress, stamp);
        return stamp;
    }

    private StrategyResult Summarise()
    {
        EventCounts hardware = default;
        CycleAccounts accounts = default;
        foreach (Processor processor in _kernel.Machine.Processors)
        {
            hardware.Add(processor.Clock.Counts);
            accounts.Add(processor.Clock.Accounts);
        }

        return new StrategyResult
        {
            Strategy = TStrategy.Name,
            Maps = _maps,
            Refused = _refused,
            MadeAgain = _madeAgain,
            WrongReads = _wrongReads,
            Kernel = _kernel.Counts,
            Hardware = hardware,
            Accounts = accounts,
        };
    }
}
