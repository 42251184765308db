// The one set of a fully associative array under true LRU, found by a PageIndex instead of comparing all ways. Five of the built-in
// models have such first levels, and all have such a PDE cache.

using System.Runtime.CompilerServices;
using X86Pae.Memory;

namespace X86Pae.Tlb;

/// <summary>The set of a fully associative array under true LRU.</summary>
/// <remarks>A small value that whoever asks often keeps at hand; valid while the array is reachable.</remarks>
internal readonly unsafe struct IndexedSet
{
    private static readonly PinnedBuffer NoTags = new(2 * sizeof(ulong));

    private readonly uint* _buckets; // see PageIndex
    private readonly uint* _tags;
    private readonly ulong* _uses; // see ReplacementPolicy
    private readonly ulong* _payloads;
    private readonly int _shift;
    private readonly bool _hasRanks;

    /// <summary>Locates a set.</summary>
    /// <param name="index">Where in the set a page may be.</param>
    /// <param name="tags">The tags of its ways.</param>
    /// <param name="uses">The order of their uses.</param>
    /// <param name="hasRanks">Whether that is a rank for each way, and not an age.</param>
    /// <param name="payloads">The payloads of its ways.</param>
    public IndexedSet(PageIndex index, uint* tags, ulong* uses, bool hasRanks, ulong* payloads)
    {
        _buckets = index.Buckets;
        _shift = index.Shift;
        _tags = tags;
        _uses = uses;
        _hasRanks = hasRanks;
        _payloads = payloads;
    }

    private IndexedSet(PinnedBuffer nothing)
    {
        _buckets = (uint*)nothing.Start; // two of them
        _shift = 31;
        _tags = _buckets;
        _uses = (ulong*)_buckets;
        _payloads = (ulong*)_buckets;
    }

    /// <summary>A set that holds nothing, in place of an array of another shape, or of none.</summary>
    public static IndexedSet None => new(NoTags);

    /// <summary>Looks a page up and marks its way as just used, unless hits are suspended.</summary>
    /// <param name="page">Its number, marked if it is large.</param>
    /// <param name="owner">Whose entry.</param>
    /// <param name="payload">What is kept for it; undefined if it is not found.</param>
    /// <returns>Whether it is where the index guesses, as it nearly always is if it is held.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // most of a hit in a fully associative array, and in every walk
    public bool TryUse(uint page, Generations owner, out ulong payload)
    {
        nuint way = (ushort)_buckets[PageIndex.Hash(page) >> _shift];
        if (!owner.IsHit(_tags[way] ^ page))
        {
            Unsafe.SkipInit(out payload);
            return false;
        }

        if (_hasRanks)
        {
            LruRanks.Use((sbyte*)_uses, way);
        }
        else
        {
            _uses[1 + way] = ++*_uses;
        }

        payload = _payloads[way];
        return true;
    }
}
