// Hits that need no lookup: for a page that was found where an access asks first, what the lookup gave and did. Where there is a
// straight path, these are pieces of large pages; elsewhere pages of both sizes.
//
//   key       63            20 19          0
//            +----------------+-------------+     epoch: that of the owner; any flush of it, and any change of what rights
//            | epoch          | page number |     allow, starts a new one, and 0 never is one
//            +----------------+-------------+
//
//   record    key | translation | state of the set | what the use does: a table's entry
//
//   translation  63      56      51                12 11       0
//               +---------+-----+--------------------+-----------+     allowed: a bit for each class of access that it may serve
//               | allowed | 0   | page frame         | kept bits |
//               +---------+-----+--------------------+-----------+
//
//   It is exact: while a record stands, the lookup would find the same page in the same way of the same array, and do to the
//   replacement state what the use does. So an array tells when it stores over a tag or clears one. A page has one place; a piece
//   of a large page has that of the 4-KiB page in its stead.

using System.Numerics;
using System.Runtime.CompilerServices;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>Pages that accesses of one kind found at once, so that they are found again without looking into the array.</summary>
internal sealed unsafe class RecentHits
{
    /// <summary>Width of the number of a 4-KiB page.</summary>
    public const int PageBits = 20;

    private const int LargestSize = 128;
    private const int AllowedShift = 56;

    // What those look into that remember nothing; no key is 0.
    private static readonly PinnedBuffer NoMemory = new(sizeof(Record));

    private readonly PinnedBuffer _memory;
    private readonly Record* _records;
    private readonly uint _mask;
    private readonly TagOwner _owner;

    /// <summary>Creates a memory of nothing.</summary>
    /// <param name="entries">Number of entries of the array that is asked; 0 remembers nothing, ever.</param>
    /// <param name="owner">Whose hits.</param>
    public RecentHits(int entries, TagOwner owner)
    {
        // Twice as many places, so that few pages that are held together share one.
        int size = entries == 0 ? 1 : (int)Math.Min(BitOperations.RoundUpToPowerOf2(2 * (uint)entries), LargestSize);
        _memory = entries == 0 ? NoMemory : new PinnedBuffer(size * sizeof(Record));
        _records = (Record*)_memory.Start;
        _mask = (uint)size - 1;
        _owner = owner;
        Remembers = entries != 0;
    }

    /// <summary>Whether anything is ever remembered.</summary>
    public bool Remembers { get; }

    /// <summary>Translates and uses an entry again, as the lookup would, if it is remembered and may serve the access.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">One of the kind whose hits these are.</param>
    /// <param name="result">The translation; undefined if it is not remembered.</param>
    /// <returns>Whether it was remembered.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the whole of a TLB hit in other sets than of four
    public bool TryUse(uint linear, Access access, out WalkResult result)
    {
        uint page = linear >> 12;
        Record* record = _records + (page & _mask);
        ulong translation = record->Translation;
        if (record->Key != (page | _owner.Epoch) || ((translation >> (AllowedShift + access.Class)) & 1) == 0)
        {
            Unsafe.SkipInit(out result);
            return false;
        }

        record->Use->ApplyTo(record->State);
        result = WalkResult.FromKept((translation & EntryBits.Frame) | (linear & 0xFFF), translation & 0xFFF);
        return true;
    }

    /// <summary>Remembers a hit.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="frame">Physical address of the 4-KiB page that it is in.</param>
    /// <param name="kept">What the entry keeps beside the frame.</param>
    /// <param name="denied">The verdicts of the control state; see <see cref="AccessRights"/>.</param>
    /// <param name="state">The replacement state of the set that it is in.</param>
    /// <param name="use">What the hit does to it.</param>
    public void Remember(uint linear, ulong frame, uint kept, ulong denied, ulong* state, UseOfWay* use)
    {
        uint page = linear >> 12;
        ulong allowed = AccessRights.AllowedClasses(denied, (PageAttributes)kept);
        _records[page & _mask] = new Record
        {
            Key = page | _owner.Epoch,
            Translation = (allowed << AllowedShift) | frame | kept,
            State = state,
            Use = use,
        };
    }

    /// <summary>The array has lost, or is about to change, its entry for a page.</summary>
    /// <param name="page">Page number, marked if the page is large; then all is forgotten.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every fill of an array that is watched
    public void Forget(uint page)
    {
        if ((page & TranslationArray.LargePage) == 0)
        {
            _records[page & _mask].Key = 0;
        }
        else
        {
            _owner.StartEpoch();
        }
    }

    private struct Record
    {
        public ulong Key;
        public ulong Translation;
        public ulong* State;
        public UseOfWay* Use;
    }
}
