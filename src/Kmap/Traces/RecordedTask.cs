using X86Pae.Kmap.Kernel;

namespace X86Pae.Kmap.Traces;

/// <summary>What is known of a recorded task at one line of its recording: its live mappings, and the calls it is in.</summary>
internal sealed class RecordedTask
{
    private readonly List<LiveMapping> _live = [];

    /// <summary>kmap_local calls that have not returned: more than one when an interrupt maps in between.</summary>
    public Stack<LocalCall> LocalCalls { get; } = [];

    /// <summary>The kmap that has not returned; null while the task is in none.</summary>
    public PoolCall? PoolCall { get; set; }

    /// <summary>Whether it runs on a CPU; known while it is in kmap.</summary>
    public bool IsRunning { get; set; }

    /// <summary>Whether it may hold kmap_lock on its way to a flush; nobody is switched out with a spinlock.</summary>
    public bool MayHoldPoolLock => IsRunning && PoolCall is { Mapping: 0 };

    /// <summary>Its kunmap, recorded while another task may have held kmap_lock.</summary>
    public MappingOperation? WaitingUnmap { get; set; }

    /// <summary>Adds a mapping that a call has returned.</summary>
    /// <param name="mapping">The mapping.</param>
    public void Add(LiveMapping mapping) => _live.Add(mapping);

    /// <summary>Removes the most recent live mapping that fits.</summary>
    /// <param name="match">Which ones fit.</param>
    /// <returns>The mapping, or null if there is none.</returns>
    public LiveMapping? Take(Predicate<LiveMapping> match)
    {
        int i = _live.FindLastIndex(match);
        if (i < 0)
        {
            return null;
        }

        LiveMapping found = _live[i];
        _live.RemoveAt(i);
        return found;
    }
}

/// <summary>A mapping whose call has returned and that has not been given up.</summary>
/// <param name="Number">Number of the mapping, from 1.</param>
/// <param name="Frame">The page.</param>
/// <param name="Page">Address of its first byte for kmap_local; 0 for kmap, which unmaps by page.</param>
/// <param name="IsLocal">Whether kmap_local made it, and not kmap.</param>
internal sealed record LiveMapping(int Number, PageFrame Frame, uint Page, bool IsLocal);

/// <summary>A kmap_local that has not returned.</summary>
/// <param name="frame">The page.</param>
/// <param name="migrateDisable">Depth of migrate_disable when it began.</param>
internal sealed class LocalCall(PageFrame frame, byte migrateDisable)
{
    public PageFrame Frame => frame;

    public byte MigrateDisable => migrateDisable;

    /// <summary>Number of the mapping once the call has taken effect, 0 before.</summary>
    public int Mapping { get; set; }
}

/// <summary>A kmap that has not returned.</summary>
/// <param name="frame">The page.</param>
internal sealed class PoolCall(PageFrame frame)
{
    public PageFrame Frame => frame;

    /// <summary>Number of the mapping once the call has taken effect, 0 before.</summary>
    public int Mapping { get; private set; }

    /// <summary>The flush it has begun; its line is 0 before.</summary>
    public RecordedFlush Flush { get; private set; }

    /// <summary>The call flushes, so that it holds kmap_lock and takes effect here.</summary>
    public void BeginFlush(long line, uint start, uint end, int mapping)
    {
        Flush = new RecordedFlush(line, start, end, 0);
        Mapping = mapping;
    }

    /// <summary>A CPU has run the flush.</summary>
    public void AddFlushed(int cpu) => Flush = Flush with { Processors = Flush.Processors | (1UL << cpu) };
}
