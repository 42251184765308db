using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Kmap.Traces;
using X86Pae.Smp;

namespace X86Pae.Kmap.Replay;

/// <summary>Drives an emulated kernel with a recording: its kmap_local serves the recorded ones, its pool the recorded kmap.</summary>
/// <remarks>
/// The kernel gets what the recorded one got: CPU, task, page and order of every call, the pointer passed to kunmap_local,
/// and the time. What the recorded one returned is only compared.
/// </remarks>
public sealed class TraceReplay
{
    private readonly GuestKernel _kernel;
    private readonly EmulatedTasks _tasks;
    private readonly KmapLocal _local;
    private readonly PersistentKmap _pool;
    private readonly Action<ReplayFailure> _onFailure;
    private readonly Dictionary<int, Served> _served = [];
    private long _localAddresses;
    private long _poolAddresses;
    private long _poolFlushes;
    private long _passed;
    private long _failed;
    private long _switchesWithMappings;
    private long _unmapsOfEarlierMaps;

    /// <summary>Prepares a replay.</summary>
    /// <param name="kernel">A kernel that has just booted, with as many CPUs as the recording.</param>
    /// <param name="onFailure">Told of each difference, in order.</param>
    public TraceReplay(GuestKernel kernel, Action<ReplayFailure> onFailure)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(onFailure);
        _kernel = kernel;
        _onFailure = onFailure;
        _tasks = new EmulatedTasks(kernel);
        _local = new KmapLocal(kernel);
        _pool = new PersistentKmap(kernel);
    }

    /// <summary>Replays one operation.</summary>
    /// <param name="operation">The next operation of the recording, on a CPU that the kernel has.</param>
    public void Step(in MappingOperation operation)
    {
        Processor processor = _kernel.Machine.Processors[operation.Cpu];
        processor.Clock.IdleUntil(operation.Microseconds * _kernel.Machine.Model.FrequencyInMHz);
        SwitchTo(processor, _tasks[operation.Kind == MappingOperationKind.Switch ? operation.Previous : operation.Task]);
        switch (operation.Kind)
        {
            case MappingOperationKind.LocalMap:
                _served[operation.Mapping] = new Served(_local.MapAnyFrame(processor, operation.Frame), null);
                break;
            case MappingOperationKind.LocalMapped:
                CompareLocal(in operation);
                break;
            case MappingOperationKind.LocalUnmap:
                UnmapLocal(processor, in operation);
                break;
            case MappingOperationKind.PoolMap:
                MapPool(processor, in operation);
                break;
            case MappingOperationKind.PoolMapped:
                ComparePool(in operation);
                break;
            case MappingOperationKind.PoolUnmap:
                UnmapPool(processor, in operation);
                break;
            case MappingOperationKind.Switch:
                SwitchTo(processor, _tasks[operation.Task]);
                break;
        }
    }

    /// <summary>The result so far.</summary>
    public ReplaySummary Summarise()
    {
        long invlpgs = 0;
        long ipis = 0;
        foreach (Processor processor in _kernel.Machine.Processors)
        {
            invlpgs += processor.Clock.Counts.Invlpgs;
            ipis += processor.Clock.Counts.IpisSent;
        }

        return new ReplaySummary
        {
            LocalAddresses = _localAddresses,
            PoolAddresses = _poolAddresses,
            PoolFlushes = _poolFlushes,
            Passed = _passed,
            Failed = _failed,
            SwitchesWithMappings = _switchesWithMappings,
            UnmapsOfEarlierMaps = _unmapsOfEarlierMaps,
            Kernel = _kernel.Counts,
            Invlpgs = invlpgs,
            IpisSent = ipis,
        };
    }

    private static string Describe(MapOutcome outcome) =>
        outcome.Status == MapStatus.Mapped ? $"{outcome.Address:x8}" : $"nothing ({outcome.Status})";

    private static string DescribeCpus(ulong processors)
    {
        IEnumerable<int> set = Enumerable.Range(0, 64).Where(n => (processors >> n & 1) != 0);
        return $"{{{string.Join(',', set)}}}";
    }

    private void SwitchTo(Processor processor, KernelTask next)
    {
        KernelTask previous = _kernel.Current(processor);
        if (previous == next)
        {
            return;
        }

        _switchesWithMappings += _local.DepthOf(previous) > 0 ? 1 : 0;
        _local.SwitchOut(processor, previous);
        _kernel.SetCurrent(processor, next);
        _local.SwitchIn(processor, next);
    }

    private void CompareLocal(in MappingOperation operation)
    {
        _localAddresses++;
        _served.Remove(operation.Mapping, out Served served);
        MapOutcome outcome = served.Outcome;
        Check(
            outcome.Address == operation.RecordedAddress && outcome.Status == MapStatus.Mapped,
            in operation,
            (in MappingOperation o) => $"kmap_local of page {o.Frame.Number:x} by task {o.Task.Pid} on CPU {o.Cpu} returned "
                + $"{o.RecordedAddress:x8}; the emulated kernel returns {Describe(outcome)}");
    }

    private void UnmapLocal(Processor processor, in MappingOperation operation)
    {
        bool inWindow = _kernel.Layout.IsKmapLocal(operation.RecordedAddress);
        if (inWindow && _local.DepthOf(_kernel.Current(processor)) == 0)
        {
            _unmapsOfEarlierMaps++;
            return;
        }

        UnmapStatus status = _local.Unmap(processor, operation.Frame, operation.RecordedAddress);
        FailUnless(
            status == UnmapStatus.Unmapped,
            in operation,
            (in MappingOperation o) => $"kunmap_local of {o.RecordedAddress:x8} by task {o.Task.Pid} on CPU {o.Cpu} is not of the "
                + $"most recent mapping ({status})");
    }

    private void MapPool(Processor processor, in MappingOperation operation)
    {
        long flushesBefore = _kernel.Flushes;
        MapOutcome outcome = _pool.Map(processor, operation.Frame);
        _served[operation.Mapping] = new Served(outcome, _kernel.Flushes > flushesBefore ? _kernel.LastFlush : null);
    }

    private void ComparePool(in MappingOperation operation)
    {
        _poolAddresses++;
        _served.Remove(operation.Mapping, out Served emulated);
        Check(
            emulated.Outcome.Address == operation.RecordedAddress && emulated.Outcome.Status == MapStatus.Mapped,
            in operation,
            (in MappingOperation o) => $"kmap by task {o.Task.Pid} on CPU {o.Cpu} returned {o.RecordedAddress:x8}; the emulated "
                + $"kernel returns {Describe(emulated.Outcome)}");

        RecordedFlush recorded = operation.Flush;
        if (recorded.Line != 0)
        {
            _poolFlushes++;
            Check(
                emulated.Flush is { } flush && flush.IsFull && flush.Start == recorded.Start && flush.End == recorded.End
                    && flush.Processors == recorded.Processors,
                operation with { Line = recorded.Line },
                (in MappingOperation _) => $"kmap flushed {recorded.Start:x8}-{recorded.End:x8} on CPUs "
                    + $"{DescribeCpus(recorded.Processors)}; the emulated kernel "
                    + (emulated.Flush is { } done
                        ? $"flushes {done.Start:x8}-{done.End:x8} on CPUs {DescribeCpus(done.Processors)}"
                        : "flushes nothing"));
        }
        else
        {
            FailUnless(
                emulated.Flush is null,
                in operation,
                (in MappingOperation _) => "kmap flushed nothing; the emulated kernel flushes its pool");
        }
    }

    private void UnmapPool(Processor processor, in MappingOperation operation)
    {
        if (operation.Mapping == 0)
        {
            _unmapsOfEarlierMaps++;
            return;
        }

        UnmapStatus status = _pool.Unmap(processor, operation.Frame, 0);
        FailUnless(
            status == UnmapStatus.Unmapped,
            in operation,
            (in MappingOperation o) => $"kunmap by task {o.Task.Pid} on CPU {o.Cpu} finds its page not mapped ({status})");
    }

    private void Check(bool passed, in MappingOperation operation, MessageOf message)
    {
        _passed += passed ? 1 : 0;
        FailUnless(passed, in operation, message);
    }

    private void FailUnless(bool passed, in MappingOperation operation, MessageOf message)
    {
        if (!passed)
        {
            _failed++;
            _onFailure(new ReplayFailure(operation.Line, message(in operation)));
        }
    }

    private delegate string MessageOf(in MappingOperation operation);

    /// <summary>What the emulated kernel's mapping came to, until the recorded call returns.</summary>
    private readonly record struct Served(MapOutcome Outcome, FlushRecord? Flush);
}

/// <summary>The emulated task of each recorded one.</summary>
internal sealed class EmulatedTasks
{
    private readonly GuestKernel _kernel;
    private readonly Dictionary<TaskId, KernelTask> _tasks = [];

    /// <summary>Enters the idle tasks, which run on every CPU after boot.</summary>
    /// <param name="kernel">The kernel, just booted.</param>
    public EmulatedTasks(GuestKernel kernel)
    {
        _kernel = kernel;
        foreach (Processor processor in kernel.Machine.Processors)
        {
            _tasks.Add(TaskId.On(0, processor.Index), kernel.Current(processor));
        }
    }

    /// <summary>Finds or creates the task.</summary>
    /// <param name="id">The recorded task.</param>
    public KernelTask this[TaskId id]
    {
        get
        {
            if (!_tasks.TryGetValue(id, out KernelTask? task))
            {
                _tasks.Add(id, task = _kernel.NewTask(id.Pid));
            }

            return task;
        }
    }
}
