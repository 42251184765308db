using X86Pae.Timing;

namespace X86Pae.Tests.Experiments;

/// <summary>A data cache as lists of line numbers, one for each set, the line used last in front.</summary>
internal sealed class NaiveLines(CacheGeometry geometry, int lineSize)
{
    private readonly Dictionary<long, List<long>> _sets = [];

    /// <summary>Uses the line of an address; says whether it was there.</summary>
    public bool Use(long address)
    {
        long line = address / lineSize;
        long sets = geometry.SizeInKiB * 1024 / geometry.Ways / lineSize;
        if (!_sets.TryGetValue(line % sets, out List<long>? set))
        {
            set = _sets[line % sets] = [];
        }

        bool held = set.Remove(line);
        set.Insert(0, line);
        if (set.Count > geometry.Ways)
        {
            set.RemoveAt(geometry.Ways);
        }

        return held;
    }
}
