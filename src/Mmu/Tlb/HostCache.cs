// Recent translations as the host wants them: the front of an untimed MMU.
//
//   linear    31               22 21            12 11         0
//            +-------------------+----------------+------------+
//            | tag               | set            | offset     |      1,024 sets, one page each
//            +-------------------+----------------+------------+
//
//   set       tags, 64 bytes                                          entry, 32 bytes
//            +----------------------------+--------------------------+------------------------------------+
//            | RAM, one for each of the   | translated, one for each | tag | stamp | payload | host offset |
//            | 8 classes of access        | of the 8 classes         |     |       |         |             |
//            +----------------------------+--------------------------+------------------------------------+
//
//   tag       31                 12 11          0
//            +---------------------+-------------+
//            | page number         | generation  |    counts only while its generation is the current one; 0 never is
//            +---------------------+-------------+
//
//   An access compares the tag of its own class (what is done, and by whom; see Access), so that page and permission are one
//   compare. A tag is set only by an access of that class that succeeded: a clean page has none for stores.
//   The host address of a byte is its linear address plus the host offset.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>A direct-mapped cache of the translations used last, by page and class of access, with host addresses of RAM.</summary>
/// <remarks>Flushed in constant time. It may lose any entry at any time; what lies behind it fills it again.</remarks>
internal unsafe struct HostCache
{
    private const int Sets = 1024;
    private const int TagBytes = 64;
    private const int RamTags = 0;
    private const int TranslatedTags = TagBytes / 2;
    private const int EntriesStart = Sets * TagBytes;
    private const int LargeMapStart = EntriesStart + (Sets * Entry.Size);
    private const int LargeMapShift = 22; // a bit stands for 4 MiB, which holds large pages of either size whole
    private const int LargeMapBytes = 1 << (32 - LargeMapShift - 3);
    private const int BlockBytes = LargeMapStart + LargeMapBytes;
    private const uint PageMask = 0xFFFF_F000;
    private const uint LastGeneration = 0xFFF;

    // What a cache that is switched off looks into: tags that never match.
    private static readonly byte[] NothingBlock = NewBlock();

    private readonly byte[] _block;
    private readonly byte* _start;
    private uint _generation = 1;

    /// <summary>Creates an empty cache.</summary>
    /// <param name="isEnabled">False for one that never holds anything and costs no memory.</param>
    public HostCache(bool isEnabled)
    {
        IsEnabled = isEnabled;
        _block = isEnabled ? NewBlock() : NothingBlock;
        nint start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_block));
        _start = (byte*)((start + TagBytes - 1) & -TagBytes);
    }

    /// <summary>Whether anything is ever kept.</summary>
    public bool IsEnabled { get; }

    /// <summary>Changes with every invalidation, whatever it dropped.</summary>
    public ulong Epoch { get; private set; }

    /// <summary>Looks up where in host memory an access to RAM goes.</summary>
    /// <param name="linear">First byte of the access.</param>
    /// <param name="size">Its length in bytes, 1 to 4096; an access that leaves its page is not found.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="address">Host address of the first byte; undefined on a miss.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the whole cost of a load or store that hits
    public readonly bool TryGetRam(uint linear, int size, Access access, out byte* address)
    {
        nuint set = SetOf(linear);
        uint tag = ((linear + (uint)size - 1) & PageMask) | _generation;
        address = (byte*)(linear + EntryOf(set)->HostOffset);
        return *TagOf(set, RamTags, access) == tag;
    }

    /// <summary>Looks up the translation of an access.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="result">The translation; undefined on a miss.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the whole cost of a translation that hits
    public readonly bool TryTranslate(uint linear, Access access, out WalkResult result)
    {
        nuint set = SetOf(linear);
        ulong payload = EntryOf(set)->Payload;
        result = WalkResult.FromKept((payload & EntryBits.Frame) | (linear & ~PageMask), (uint)payload & 0xFFF);
        return *TagOf(set, TranslatedTags, access) == ((linear & PageMask) | _generation);
    }

    /// <summary>Looks up the translation of an access, and when it was filled.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What would be done, and by whom.</param>
    /// <param name="result">The translation; undefined on a miss.</param>
    /// <param name="stamp">What the page was stamped with.</param>
    public readonly bool TryPeek(uint linear, Access access, out WalkResult result, out uint stamp)
    {
        stamp = EntryOf(SetOf(linear))->Stamp;
        return TryTranslate(linear, access, out result);
    }

    /// <summary>Keeps the translation of an access that succeeded.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What was done, and by whom.</param>
    /// <param name="result">The translation; must not be a fault.</param>
    /// <param name="stamp">When it was filled, by the caller's count.</param>
    /// <remarks>A set holds one page in one state: another page, frame or right drops what was there for every class.</remarks>
    public readonly void Fill(uint linear, Access access, WalkResult result, uint stamp)
    {
        if (!IsEnabled)
        {
            return;
        }

        nuint set = SetOf(linear);
        uint tag = (linear & PageMask) | _generation;
        ulong payload = (result.PhysicalAddress & EntryBits.Frame) | result.Kept;
        Entry* entry = EntryOf(set);
        if (entry->Tag != tag || IsClear(set) || ((entry->Payload ^ payload) & ~EntryBits.Dirty) != 0)
        {
            ClearTags(set);
            *entry = new Entry { Tag = tag, Stamp = stamp };
        }

        entry->Payload |= payload;
        *TagOf(set, TranslatedTags, access) = tag;
        if ((result.Attributes & PageAttributes.Large) != 0)
        {
            ref byte map = ref LargeMap(linear, out int bit);
            map |= (byte)(1 << bit);
        }
    }

    /// <summary>Keeps where the RAM of a page is, after an access to it that succeeded.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What was done, and by whom.</param>
    /// <param name="hostPage">Host address of the page.</param>
    public readonly void KeepRam(uint linear, Access access, nint hostPage)
    {
        if (!IsEnabled)
        {
            return;
        }

        nuint set = SetOf(linear);
        uint tag = (linear & PageMask) | _generation;
        Entry* entry = EntryOf(set);
        if (entry->Tag != tag)
        {
            ClearTags(set); // paging is off: nothing was translated
            *entry = new Entry { Tag = tag };
        }

        entry->HostOffset = hostPage - (nint)(linear & PageMask);
        *TagOf(set, RamTags, access) = tag;
    }

    /// <summary>Drops a page; of a large page all of it.</summary>
    /// <param name="linear">Any address in the page.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a few instructions in every INVLPG
    public void Invalidate(uint linear)
    {
        Epoch++;
        if (!IsEnabled)
        {
            return;
        }

        ClearTags(SetOf(linear));
        if (((LargeMap(linear, out int bit) >> bit) & 1) != 0)
        {
            FlushAll(); // its pieces may be in any set
        }
    }

    /// <summary>Drops everything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // two additions in every flush
    public void FlushAll()
    {
        Epoch++;
        if (++_generation > LastGeneration)
        {
            Restart();
        }
    }

    private static byte[] NewBlock() => GC.AllocateArray<byte>(BlockBytes + TagBytes, pinned: true);

    private static nuint SetOf(uint linear) => (linear >> 12) & (Sets - 1);

    private readonly uint* TagOf(nuint set, int kind, Access access) =>
        (uint*)(_start + (set * TagBytes) + (nuint)kind) + access.Class;

    private readonly Entry* EntryOf(nuint set) => (Entry*)(_start + EntriesStart + (set * Entry.Size));

    private readonly void ClearTags(nuint set) => Vector512<byte>.Zero.Store(_start + (set * TagBytes));

    private readonly bool IsClear(nuint set) => Vector512.Load(_start + (set * TagBytes)) == Vector512<byte>.Zero;

    private readonly ref byte LargeMap(uint linear, out int bit)
    {
        uint region = linear >> LargeMapShift;
        bit = (int)region & 7;
        return ref _start[LargeMapStart + (region >> 3)];
    }

    /// <summary>Begins with generation 1 again; no old tag may match it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // once in 4,095 flushes
    private void Restart()
    {
        _generation = 1;
        if (IsEnabled)
        {
            Array.Clear(_block);
        }
    }

    [StructLayout(LayoutKind.Sequential, Size = Size)]
    private struct Entry
    {
        public const int Size = 32;

        public uint Tag;
        public uint Stamp;
        public ulong Payload;
        public nint HostOffset;
    }
}
