// One level of set-associative cache with true LRU. Each set is kept in order of use, most recent first, so a hit on the
// most recent line, the usual case, changes nothing.

using System.Numerics;

namespace X86Pae.Timing;

/// <summary>Which physical lines one level of data cache holds; contents are not modelled, only residence.</summary>
internal sealed class DataCache
{
    private readonly ulong[] _lines; // line number + 1; 0 is an empty way
    private readonly int _ways;
    private readonly ulong _sets;
    private readonly ulong _setMask; // 0 where the number of sets is not a power of two
    private readonly int _lineShift;

    /// <summary>Creates an empty cache.</summary>
    /// <param name="sizeInBytes">Capacity.</param>
    /// <param name="ways">Associativity; sets times ways times line size is the capacity.</param>
    /// <param name="lineSizeInBytes">A power of two.</param>
    /// <exception cref="ArgumentException">There is not at least one whole set.</exception>
    public DataCache(int sizeInBytes, int ways, int lineSizeInBytes)
    {
        int sets = ways > 0 && lineSizeInBytes > 0 ? sizeInBytes / (ways * lineSizeInBytes) : 0;
        if (sets < 1 || sets * ways * lineSizeInBytes != sizeInBytes || !BitOperations.IsPow2(lineSizeInBytes))
        {
            throw new ArgumentException("A cache has whole sets, and a power of two of bytes in a line.", nameof(sizeInBytes));
        }

        _lines = new ulong[sets * ways];
        _ways = ways;
        _sets = (ulong)sets;
        _setMask = BitOperations.IsPow2(sets) ? _sets - 1 : 0;
        _lineShift = BitOperations.Log2((uint)lineSizeInBytes);
    }

    /// <summary>Looks a line up, makes it the most recent of its set, and fills it in if it was missing.</summary>
    /// <param name="address">Physical byte address.</param>
    /// <returns>Whether the line was there.</returns>
    public bool Access(ulong address)
    {
        ulong line = address >> _lineShift;
        Span<ulong> set = _lines.AsSpan((int)(_setMask != 0 ? line & _setMask : line % _sets) * _ways, _ways);
        ulong tag = line + 1;
        if (set[0] == tag)
        {
            return true;
        }

        int way = set.IndexOf(tag);
        bool hit = way >= 0;
        set[..(hit ? way : _ways - 1)].CopyTo(set[1..]);
        set[0] = tag;
        return hit;
    }
}
