// Turns the lines of a recording into operations, in the order in which they took effect.
//
//   A call is recorded when it begins and when it returns; what it does happens in between.
//
//   kmap_local   may be migrated until it has disabled migration, so the CPU is that of the return. It takes effect there, or
//                at an interrupt's own kmap_local or a switch in between if migration has been disabled by then
//   kmap         is serialised by kmap_lock with the other CPUs. It takes effect at the return, or at the flush it does:
//                whoever flushes holds the lock, and keeps it until its own slot is taken
//   kunmap       takes effect where it is recorded; but a task that is in kmap then may hold kmap_lock already, and keeps it
//                until it has flushed. If it does flush, and the caller of kunmap was not heard of in between, kunmap waited
//   sched_switch is recorded before the switch: lines of the outgoing task may follow
//
//   A page of kmap is known by its struct page, not by its number: each gets a frame of its own beyond all recorded ones.

using X86Pae.Kmap.Kernel;

namespace X86Pae.Kmap.Traces;

/// <summary>Streams the mapping operations of a recording.</summary>
public sealed class MappingTrace : IDisposable
{
    /// <summary>Number of CPUs that a recording may name when its header does not give their number.</summary>
    public const int MaxCpuCount = FtraceReader.MaxCpuCount;

    /// <summary>First frame for pages that a recording names by their struct page alone: at 32 GiB.</summary>
    private const ulong FirstIdentityFrame = 1UL << 23;

    private readonly FtraceReader _reader;
    private readonly string _name;
    private readonly Dictionary<TaskId, RecordedTask> _tasks = [];
    private readonly Dictionary<uint, PageFrame> _identities = [];
    private readonly List<RecordedTask> _flushing = [];
    private readonly List<RecordedTask> _inPoolCall = [];
    private readonly List<RecordedTask> _waiting = []; // those whose kunmap may wait for another's flush
    private readonly Queue<MappingOperation> _ready = [];
    private readonly long[] _counts = new long[Enum.GetValues<TraceEventKind>().Length];
    private int _lastMapping;
    private long _lastMicroseconds;

    private MappingTrace(FtraceReader reader, string name)
    {
        _reader = reader;
        _name = name;
    }

    /// <summary>Number of CPUs that were online, from the header; null if it does not say.</summary>
    public int? CpuCount => _reader.CpuCount;

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
        while (!_ready.TryDequeue(out operation))
        {
            if (_reader.TryRead(out TraceEvent recorded))
            {
                _counts[(int)recorded.Kind]++;
                _lastMicroseconds = recorded.Microseconds;
                Convert(in recorded);
            }
            else if (_waiting.Count > 0)
            {
                SettleAll(_lastMicroseconds);
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private void Convert(in TraceEvent recorded)
    {
        RecordedTask task = TaskOf(recorded.Pid, recorded.Cpu);
        if (!IsInInterrupt(recorded.Context))
        {
            Settle(task, recorded.Microseconds);
        }

        switch (recorded.Kind)
        {
            case TraceEventKind.KmapLocalMap:
                PushIfBegun(task, in recorded);
                var page = new PageFrame(Checked(recorded.Pfn, recorded.Line));
                task.LocalCalls.Push(new LocalCall(page, recorded.Context.MigrateDisable));
                break;

            case TraceEventKind.KmapLocalMapped:
                ConvertLocalReturn(task, in recorded);
                break;

            case TraceEventKind.KmapLocalUnmap:
                uint address = PageOf(recorded.Address);
                LiveMapping? local = task.Take(live => live.IsLocal && live.Page == address);
                _ready.Enqueue(Describe(
                    in recorded, MappingOperationKind.LocalUnmap, local?.Frame ?? default, local?.Number ?? 0, recorded.Address));
                break;

            case TraceEventKind.Kmap:
                if (task.PoolCall is not null)
                {
                    throw Unmatched(recorded.Line, "kmap begins before the task's last one has returned");
                }

                task.PoolCall = new PoolCall(FrameOf(recorded.StructPage));
                task.IsRunning = true;
                _inPoolCall.Add(task);
                break;

            case TraceEventKind.FlushTlbKernelRange:
                ConvertFlush(task, in recorded);
                break;

            case TraceEventKind.DoFlushTlbAll:
                foreach (RecordedTask flushing in _flushing)
                {
                    flushing.PoolCall!.AddFlushed(recorded.Cpu);
                }

                break;

            case TraceEventKind.Kmapped:
                ConvertReturn(task, in recorded);
                break;

            case TraceEventKind.Kunmap:
                ConvertUnmap(task, in recorded);
                break;

            case TraceEventKind.SchedSwitch:
                ConvertSwitch(task, in recorded);
                break;
        }
    }

    private static bool IsInInterrupt(TraceContext context) => context.HardIrq || context.SoftIrq || context.Nmi;

    /// <summary>The task's last kmap_local takes effect if it has disabled migration, the first thing it does.</summary>
    private void PushIfBegun(RecordedTask task, in TraceEvent recorded)
    {
        if (task.LocalCalls.TryPeek(out LocalCall? call) && call.Mapping == 0
            && recorded.Context.MigrateDisable > call.MigrateDisable)
        {
            Push(call, in recorded);
        }
    }

    private void Push(LocalCall call, in TraceEvent recorded)
    {
        call.Mapping = ++_lastMapping;
        _ready.Enqueue(Describe(in recorded, MappingOperationKind.LocalMap, call.Frame, call.Mapping, 0));
    }

    private void ConvertLocalReturn(RecordedTask task, in TraceEvent recorded)
    {
        if (!task.LocalCalls.TryPop(out LocalCall? call))
        {
            throw Unmatched(recorded.Line, "kmap_local_mapped returns to no kmap_local_map");
        }

        if (call.Mapping == 0)
        {
            Push(call, in recorded);
        }

        task.Add(new LiveMapping(call.Mapping, call.Frame, PageOf(recorded.Address), IsLocal: true));
        _ready.Enqueue(Describe(in recorded, MappingOperationKind.LocalMapped, call.Frame, call.Mapping, recorded.Address));
    }

    private void ConvertFlush(RecordedTask task, in TraceEvent recorded)
    {
        if (task.PoolCall is not { Mapping: 0 } call)
        {
            return; // not a flush of the pool: vunmap and attribute changes flush ranges too
        }

        call.BeginFlush(recorded.Line, recorded.RangeStart, recorded.RangeEnd, ++_lastMapping);
        _flushing.Add(task);
        _ready.Enqueue(Describe(in recorded, MappingOperationKind.PoolMap, call.Frame, call.Mapping, 0));
        SettleAll(recorded.Microseconds);
    }

    private void ConvertReturn(RecordedTask task, in TraceEvent recorded)
    {
        PoolCall call = task.PoolCall ?? throw Unmatched(recorded.Line, "kmapped returns to no kmap");
        task.PoolCall = null;
        _inPoolCall.Remove(task);
        _flushing.Remove(task);
        bool begun = call.Mapping != 0;
        int mapping = begun ? call.Mapping : ++_lastMapping;
        task.Add(new LiveMapping(mapping, call.Frame, 0, IsLocal: false));
        if (!begun)
        {
            _ready.Enqueue(Describe(in recorded, MappingOperationKind.PoolMap, call.Frame, mapping, 0));
        }

        _ready.Enqueue(Describe(in recorded, MappingOperationKind.PoolMapped, call.Frame, mapping, recorded.Address) with
        {
            Flush = call.Flush,
        });
    }

    private void ConvertUnmap(RecordedTask task, in TraceEvent recorded)
    {
        PageFrame frame = FrameOf(recorded.StructPage);
        LiveMapping? pooled = TakePooled(task, frame);
        MappingOperation unmap = Describe(in recorded, MappingOperationKind.PoolUnmap, frame, pooled?.Number ?? 0, 0);
        if (_inPoolCall.Exists(other => other != task && other.MayHoldPoolLock))
        {
            task.WaitingUnmap = unmap;
            _waiting.Add(task);
        }
        else
        {
            _ready.Enqueue(unmap);
        }
    }

    private void ConvertSwitch(RecordedTask task, in TraceEvent recorded)
    {
        PushIfBegun(task, in recorded);
        task.IsRunning = false;
        TaskOf(recorded.NextPid, recorded.Cpu).IsRunning = true;
        _ready.Enqueue(Describe(in recorded, MappingOperationKind.Switch, default, 0, 0) with
        {
            Task = TaskId.On(recorded.NextPid, recorded.Cpu),
            Previous = TaskId.On(recorded.PrevPid, recorded.Cpu),
        });
    }

    /// <summary>The task is heard of again, so its kunmap is done by now, after the flush that it may have waited for.</summary>
    private void Settle(RecordedTask task, long microseconds)
    {
        if (task.WaitingUnmap is { } unmap)
        {
            task.WaitingUnmap = null;
            _waiting.Remove(task);
            _ready.Enqueue(unmap with { Microseconds = microseconds });
        }
    }

    private void SettleAll(long microseconds)
    {
        while (_waiting.Count > 0)
        {
            Settle(_waiting[0], microseconds);
        }
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

    private RecordedTask TaskOf(int pid, int cpu)
    {
        var id = TaskId.On(pid, cpu);
        if (!_tasks.TryGetValue(id, out RecordedTask? task))
        {
            _tasks.Add(id, task = new RecordedTask());
        }

        return task;
    }

    /// <summary>A pool mapping is given up by its page, and not always by the task that made it.</summary>
    private LiveMapping? TakePooled(RecordedTask task, PageFrame frame)
    {
        if (task.Take(live => !live.IsLocal && live.Frame == frame) is { } own)
        {
            return own;
        }

        foreach (RecordedTask other in _tasks.Values)
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
}
