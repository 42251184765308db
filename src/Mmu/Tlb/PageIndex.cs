// Pages of an array whose sets are wide, by a hash of their number: instead of comparing all ways.
//
//   bucket   31     16 15      0
//           +---------+---------+     count: tags in the array, whatever their generation, whose page has this hash
//           | count   | place   |     place: where the page of this hash that was stored or found last is, or was
//           +---------+---------+
//
//   A count of 0 proves that a page is not held. A way is a guess, which the tag there confirms or not.

using System.Numerics;
using System.Runtime.CompilerServices;
using X86Pae.Memory;

namespace X86Pae.Tlb;

/// <summary>Where in its set a page may be: proves most misses, and finds most hits, without a search.</summary>
internal sealed unsafe class PageIndex
{
    /// <summary>Largest number of places.</summary>
    public const int MaxPlaces = 1 << 14;

    private const uint One = 1 << 16;
    private const int BucketsForEachPlace = 4;

    private readonly PinnedBuffer _memory;

    /// <summary>Creates the index of an array that holds nothing.</summary>
    /// <param name="places">Number of places in the array, at most <see cref="MaxPlaces"/>.</param>
    public PageIndex(int places)
    {
        int bits = BitOperations.Log2((uint)((places * BucketsForEachPlace) - 1)) + 1;
        _memory = new PinnedBuffer(sizeof(uint) << bits, startsALine: false);
        Buckets = (uint*)_memory.Start;
        Shift = 32 - bits;
    }

    /// <summary>The buckets, by the upper bits of a hash; valid while this object is reachable.</summary>
    public uint* Buckets { get; }

    /// <summary>How many bits of a hash do not select a bucket.</summary>
    public int Shift { get; }

    /// <summary>What is known of a page; consecutive pages have buckets of their own.</summary>
    /// <param name="page">Page number.</param>
    /// <param name="way">Where in its set to look first.</param>
    /// <returns>False if it is certainly not held.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the first step of every lookup
    public bool MayHold(uint page, out int way)
    {
        uint bucket = BucketOf(page);
        way = (int)(bucket & (One - 1));
        return bucket >= One;
    }

    /// <summary>A tag with this page was stored.</summary>
    /// <param name="page">Page number.</param>
    /// <param name="way">Where in its set.</param>
    public void Stored(uint page, int way)
    {
        ref uint bucket = ref BucketOf(page);
        bucket = ((bucket & ~(One - 1)) + One) | (uint)way;
    }

    /// <summary>A tag with this page was overwritten or cleared.</summary>
    /// <param name="page">Page number.</param>
    public void Lost(uint page) => BucketOf(page) -= One;

    /// <summary>A page was found by a search.</summary>
    /// <param name="page">Page number.</param>
    /// <param name="way">Where in its set.</param>
    public void Found(uint page, int way)
    {
        ref uint bucket = ref BucketOf(page);
        bucket = (bucket & ~(One - 1)) | (uint)way;
    }

    /// <summary>Spreads runs of pages evenly.</summary>
    /// <param name="page">Page number.</param>
    /// <returns>The number of its bucket, above <see cref="Shift"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a multiplication
    public static uint Hash(uint page) => page * 0x9E37_79B9; // Fibonacci hashing: 2^32 divided by the golden ratio

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // two instructions
    private ref uint BucketOf(uint page) => ref Buckets[Hash(page) >> Shift];
}
