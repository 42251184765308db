// From a recording's lines to operations in the order in which they took effect.
//
//   A call is recorded when it begins and when it returns; what it does happens in between.
//
//   kmap_local   may be migrated until it has disabled migration, so the CPU is that of the return; it takes effect there
//   kmap         is serialised by kmap_lock with the other CPUs. It takes effect at the return, or at the flush it does:
//                whoever flushes holds the lock, and keeps it until its own slot is taken
//   kunmap       takes effect where it is recorded
//   sched_switch is recorded before the switch: lines of the outgoing task may follow
//
//   A page of kmap is known by its struct page, not by its number: each gets a frame of its own beyond all recorded ones.

using X86Pae.Kmap.Kernel;

namespace X86Pae.Kmap.Traces;

/// <summary>Streams the mapping operations of a recording.</summary>
public sealed class MappingTrace : IDisposable
{
    /// <summary>Recorded page frame numbers are below this: 64 GiB.</summary>
    public const ulong FrameLimit = 1UL << 24;

    /// <summary>Frames of pages known by struct page only are given out from here: 32 GiB.</summary>
    private const ulong FirstIdentityFrame = 1UL << 23;

    private readonly FtraceReader _reader;
    private readonly string _name;
    private readonly Dictionary<TaskId, TaskTrace> _tasks = [];
    private readonly Dictionary<uint, PageFrame> _identities = [];
    private readonly List<TaskTrace> _flushing = [];
    private readonly long[] _counts = new long[Enum.GetValues<TraceEventKind>().Length];
    private MappingOperation _queued;
    private bool _hasQueued;
    private int _lastMapping;

    private MappingTrace(FtraceReader reader, string name)
    {
        _reader = reader;
        _name = name;
    }

    /// <summary>Number of CPUs that were online, from the header; null if it does not say.</summary>
    public int? CpuCount => _reader.CpuCount;

    /// <summary>Number of mappings begun so far.</summary>
    public int Mappings => _lastMapping;

    /// <summary>Unmaps so far whose map was made before the recording began.</summary>
    public long UnmapsOfEarlierMaps { get; private set; }

    /// <summary>Opens a recording, plain or compressed.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="TraceFormatException">It is not an ftrace recording.</exception>
    public static MappingTrace Open(string path) => new(FtraceReader.Open(path), path);

    /// <summary>Reads a recording, plain or compressed, from a stream.</summary>
    /// <param name="stream">The stream; closed with the trace.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="TraceFormatException">It is not an ftrace recording.</exception>
    public static MappingTrace Open(Stream stream, string name) => new(FtraceReader.Open(stream, name), name);

    /// <summary>Number of lines of a kind so far.</summary>
    /// <param name="kind">The kind.</param>
    public long CountOf(TraceEventKind kind) => _counts[(int)kind];

    /// <summary>Reads the next operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <returns>False at the end of the recording.</returns>
    /// <exception cref="TraceFormatException">The recording cannot be understood; the message names file and line.</exception>
    public bool TryRead(out MappingOperation operation)
    {
        if (_hasQueued)
        {
            _hasQueued = false;
            operation = _queued;
            return true;
        }

        while (_reader.TryRead(out TraceEvent recorded))
        {
            _counts[(int)recorded.Kind]++;
            if (TryConvert(in recorded, out operation))
            {
                return true;
            }
        }

        operation = default;
        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private bool TryConvert(in TraceEvent recorded, out MappingOperation operation)
    {
        operation = default;
        TaskTrace task = TaskOf(recorded.Pid, recorded.Cpu);
        switch (recorded.Kind)
        {
            case TraceEventKind.KmapLocalMap:
                task.LocalCalls.Push(new PageFrame(Checked(recorded.Pfn, recorded.Line)));
                return false;

            case TraceEventKind.KmapLocalMapped:
                if (!task.LocalCalls.TryPop(out PageFrame mapped))
                {
                    throw Unmatched(recorded.Line, "kmap_local_mapped returns to no kmap_local_map");
                }

                operation = Describe(in recorded, MappingOperationKind.LocalMap, mapped, ++_lastMapping, recorded.Address);
                task.Live.Add(new LiveMapping(_lastMapping, mapped, PageOf(recorded.Address), IsLocal: true));
                return true;

            case TraceEventKind.KmapLocalUnmap:
                uint page = PageOf(recorded.Address);
                LiveMapping? local = task.Take(live => live.IsLocal && live.Page == page);
                operation = Describe(
                    in recorded, MappingOperationKind.LocalUnmap, local?.Frame ?? default, local?.Number ?? 0, recorded.Address);
                return true;

            case TraceEventKind.Kmap:
                if (task.PoolCall is not null)
                {
                    throw Unmatched(recorded.Line, "kmap begins before the task's last one has returned");
                }

                task.PoolCall = new PoolCall(FrameOf(recorded.StructPage));
                return false;

            case TraceEventKind.FlushTlbKernelRange:
                return ConvertFlush(task, in recorded, out operation);

            case TraceEventKind.DoFlushTlbAll:
                foreach (TaskTrace flushing in _flushing)
                {
                    flushing.PoolCall!.AddFlushed(recorded.Cpu);
                }

                return false;

            case TraceEventKind.Kmapped:
                operation = ConvertReturn(task, in recorded);
                return true;

            case TraceEventKind.Kunmap:
                PageFrame frame = FrameOf(recorded.StructPage);
                LiveMapping? pooled = TakePooled(task, frame);
                UnmapsOfEarlierMaps += pooled is null ? 1 : 0;
                operation = Describe(in recorded, MappingOperationKind.PoolUnmap, frame, pooled?.Number ?? 0, 0);
                return true;

            case TraceEventKind.SchedSwitch:
                operation = Describe(in recorded, MappingOperationKind.Switch, default, 0, 0) with
                {
                    Task = TaskId.On(recorded.NextPid, recorded.Cpu),
                    Previous = TaskId.On(recorded.PrevPid, recorded.Cpu),
                };
                return true;

            default:
                return false;
        }
    }

    private bool ConvertFlush(TaskTrace task, in TraceEvent recorded, out MappingOperation operation)
    {
        operation = default;
        if (task.PoolCall is not { Mapping: 0 } call)
        {
            return false; // not a flush of the pool: vunmap and attribute changes flush ranges too
        }

        call.BeginFlush(recorded.Line, recorded.RangeStart, recorded.RangeEnd, ++_lastMapping);
        _flushing.Add(task);
        operation = Describe(in recorded, MappingOperationKind.PoolMap, call.Frame, call.Mapping, 0);
        return true;
    }

    private MappingOperation ConvertReturn(TaskTrace task, in TraceEvent recorded)
    {
        PoolCall call = task.PoolCall ?? throw Unmatched(recorded.Line, "kmapped returns to no kmap");
        task.PoolCall = null;
        _flushing.Remove(task);
        bool begun = call.Mapping != 0;
        int mapping = begun ? call.Mapping : ++_lastMapping;
        task.Live.Add(new LiveMapping(mapping, call.Frame, 0, IsLocal: false));
        MappingOperation returned =
            Describe(in recorded, MappingOperationKind.PoolMapped, call.Frame, mapping, recorded.Address) with { Flush = call.Flush };
        if (begun)
        {
            return returned;
        }

        _queued = returned;
        _hasQueued = true;
        return returned with { Kind = MappingOperationKind.PoolMap, RecordedAddress = 0 };
    }

    private static MappingOperation Describe(
        in TraceEvent recorded, MappingOperationKind kind, PageFrame frame, int mapping, uint address) => new()
        {
            Kind = kind,
            Line = recorded.Line,
            Cpu = recorded.Cpu,
            Task = TaskId.On(recorded.Pid, recorded.Cpu),
            Microseconds = recorded.Microseconds,
            Mapping = mapping,
            Frame = frame,
            RecordedAddress = address,
        };

    private static uint PageOf(uint address) => address & ~(PageFrame.SizeInBytes - 1u);

    private TaskTrace TaskOf(int pid, int cpu)
    {
        var id = TaskId.On(pid, cpu);
        if (!_tasks.TryGetValue(id, out TaskTrace? task))
        {
            _tasks.Add(id, task = new TaskTrace());
        }

        return task;
    }

    /// <summary>A pool mapping is given up by its page, and not always by the task that made it.</summary>
    private LiveMapping? TakePooled(TaskTrace task, PageFrame frame)
    {
        if (task.Take(live => !live.IsLocal && live.Frame == frame) is { } own)
        {
            return own;
        }

        foreach (TaskTrace other in _tasks.Values)
        {
            if (other.Take(live => !live.IsLocal && live.Frame == frame) is { } handedOver)
            {
                return handedOver;
            }
        }

        return null;
    }

    private PageFrame FrameOf(uint structPage)
    {
        if (!_identities.TryGetValue(structPage, out PageFrame frame))
        {
            frame = new PageFrame(FirstIdentityFrame + (ulong)_identities.Count);
            _identities.Add(structPage, frame);
        }

        return frame;
    }

    private ulong Checked(ulong pfn, long line) => pfn < FirstIdentityFrame
        ? pfn
        : throw new TraceFormatException(_name, line, $"page frame {pfn:x} is beyond 32 GiB, more than a recorded machine can have");

    private TraceFormatException Unmatched(long line, string problem) => new(_name, line, problem);

    private sealed record LiveMapping(int Number, PageFrame Frame, uint Page, bool IsLocal);

    /// <summary>A kmap that has not returned.</summary>
    private sealed class PoolCall(PageFrame frame)
    {
        public PageFrame Frame => frame;

        /// <summary>Number of the mapping once the call has taken effect, 0 before.</summary>
        public int Mapping { get; private set; }

        public RecordedFlush Flush { get; private set; }

        public void BeginFlush(long line, uint start, uint end, int mapping)
        {
            Flush = new RecordedFlush(line, start, end, 0);
            Mapping = mapping;
        }

        public void AddFlushed(int cpu) => Flush = Flush with { Processors = Flush.Processors | (1UL << cpu) };
    }

    /// <summary>What is known of a task while reading.</summary>
    private sealed class TaskTrace
    {
        /// <summary>kmap_local calls that have not returned: more than one when an interrupt maps in between.</summary>
        public Stack<PageFrame> LocalCalls { get; } = [];

        public PoolCall? PoolCall { get; set; }

        public List<LiveMapping> Live { get; } = [];

        /// <summary>Removes the most recent live mapping of a kind.</summary>
        public LiveMapping? Take(Predicate<LiveMapping> match)
        {
            int i = Live.FindLastIndex(match);
            if (i < 0)
            {
                return null;
            }

            LiveMapping found = Live[i];
            Live.RemoveAt(i);
            return found;
        }
    }
}
