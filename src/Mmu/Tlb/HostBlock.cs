// The memory of a host cache.
//
//   linear    31               22 21            12 11         0
//            +-------------------+----------------+------------+
//            | tag               | set            | offset     |      1,024 sets, one page each
//            +-------------------+----------------+------------+
//
//   set       64 bytes, a line of the host's cache
//            +------------------------------+-------------+---------+-----+-------+
//            | tags of RAM, one for each of | host offset | payload | tag | stamp |
//            | the 8 classes of access      |             |         |     |       |
//            +------------------------------+-------------+---------+-----+-------+
//
//   tag       31                 12 11          0
//            +---------------------+-------------+
//            | page number         | generation  |    counts only while its generation is the current one; 0 never is
//            +---------------------+-------------+
//
//   payload   63   60 59          52 51             12 11       9  8        0
//            +-------+--------------+-----------------+----------+-----------+
//            | -     | translated,  | page frame      | PAT type | attributes|
//            |       | by class     |                 |          |           |
//            +-------+--------------+-----------------+----------+-----------+
//
//   An access to RAM compares the tag of its own class (what is done, and by whom; see Access), so that page and permission are
//   one compare; a translation has a bit for each class. Both are set only by an access of that class that succeeded: a clean
//   page has none for stores. The host address of a byte is its linear address plus the host offset.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>What a hit in a <see cref="HostCache"/> looks at: one address, so that whoever asks often has it at hand.</summary>
/// <remarks>Lives as long as the cache that has made it.</remarks>
internal readonly unsafe struct HostBlock
{
    /// <summary>Bytes of a block, wherever in them the first line of the host's cache begins.</summary>
    public const int SizeInBytes = LargeMapStart + LargeMapBytes + LineBytes;

    private const int Sets = 1024;
    private const int LineBytes = 64;
    private const int SetsStart = LineBytes;
    private const int LargeMapStart = SetsStart + (Sets * LineBytes);
    private const int LargeMapShift = 22; // a byte stands for 4 MiB, which holds large pages of either size whole
    private const int LargeMapBytes = 1 << (32 - LargeMapShift);
    private const int PageShift = 12;
    private const int LineShift = 6;
    private const uint PageMask = 0xFFFF_F000;
    private const int ClassShift = 52;

    private readonly byte* _start; // the generation, in a line of its own, and behind it the sets

    /// <summary>Lays a block out in memory that is all zero and stays where it is.</summary>
    /// <param name="memory"><see cref="SizeInBytes"/> bytes, pinned.</param>
    public HostBlock(byte[] memory)
    {
        nint start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(memory));
        _start = (byte*)((start + LineBytes - 1) & -LineBytes);
        Generation = 1;
    }

    /// <summary>The generation whose tags count, 1 to 4095.</summary>
    public ref uint Generation => ref *(uint*)_start;

    /// <summary>Looks up where in host memory an access to RAM goes.</summary>
    /// <param name="linear">First byte of the access.</param>
    /// <param name="size">Its length in bytes, 1 to 4096; an access that leaves its page is not found.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="address">Host address of the first byte; undefined on a miss.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the whole cost of a load or store that hits
    public bool TryGetRam(uint linear, int size, Access access, out byte* address)
    {
        Line* line = LineOf(linear);
        address = (byte*)(linear + line->HostOffset);
        return *TagOf(line, access) == TagOf(linear + (uint)size - 1);
    }

    /// <summary>Looks up the translation of an access.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="result">The translation; undefined on a miss.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the whole cost of a translation that hits
    public bool TryTranslate(uint linear, Access access, out WalkResult result)
    {
        Line* line = LineOf(linear);
        ulong payload = line->Payload;
        result = WalkResult.FromKept((payload & EntryBits.Frame) | (linear & ~PageMask), payload & 0xFFF);
        return line->Tag == TagOf(linear) && (payload & TranslatedBit(access)) != 0;
    }

    /// <summary>What the page of an address was stamped with; undefined where no translation is found.</summary>
    /// <param name="linear">Byte address.</param>
    public uint StampOf(uint linear) => LineOf(linear)->Stamp;

    /// <summary>Keeps the translation of an access that succeeded.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What was done, and by whom.</param>
    /// <param name="result">The translation; must not be a fault.</param>
    /// <param name="stamp">When it was filled, by the caller's count.</param>
    public void Fill(uint linear, Access access, WalkResult result, uint stamp)
    {
        Line* line = LineOf(linear);
        uint tag = TagOf(linear);
        ulong payload = (result.PhysicalAddress & EntryBits.Frame) | result.Kept;
        if (line->Tag != tag || ((line->Payload ^ payload) & (EntryBits.Frame | (0xFFF & ~EntryBits.Dirty))) != 0)
        {
            *line = new Line { Tag = tag, Stamp = stamp };
        }

        line->Payload |= payload | TranslatedBit(access);
        if ((result.Attributes & PageAttributes.Large) != 0)
        {
            LargeMap(linear) = 1;
        }
    }

    /// <summary>Keeps where the RAM of a page is, after an access to it that succeeded.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What was done, and by whom.</param>
    /// <param name="hostPage">Host address of the page.</param>
    public void KeepRam(uint linear, Access access, nint hostPage)
    {
        Line* line = LineOf(linear);
        uint tag = TagOf(linear);
        if (line->Tag != tag)
        {
            *line = new Line { Tag = tag }; // paging is off: nothing was translated
        }

        line->HostOffset = hostPage - (nint)(linear & PageMask);
        *TagOf(line, access) = tag;
    }

    /// <summary>Drops what the set of a page holds.</summary>
    /// <param name="linear">Any address in the page.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a few instructions in every INVLPG
    public void Clear(uint linear) => Vector512<byte>.Zero.Store((byte*)LineOf(linear));

    /// <summary>Whether an address is in a large page of which some piece may be held, in whatever set.</summary>
    /// <param name="linear">Byte address.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a few instructions in every INVLPG
    public bool MayHoldLarge(uint linear) => LargeMap(linear) != 0;

    private static ulong TranslatedBit(Access access) => 1UL << (ClassShift + access.Class);

    private Line* LineOf(uint linear) =>
        (Line*)(_start + SetsStart + ((linear >> (PageShift - LineShift)) & ((Sets - 1) << LineShift)));

    private static uint* TagOf(Line* line, Access access) => (uint*)line + access.Class; // RamTags, without a check for null

    private uint TagOf(uint linear) => (linear & PageMask) | Generation;

    private ref byte LargeMap(uint linear) => ref _start[LargeMapStart + (nuint)(linear >> LargeMapShift)];

    [StructLayout(LayoutKind.Sequential, Size = LineBytes)]
    private struct Line
    {
        public fixed uint RamTags[8];
        public nint HostOffset;
        public ulong Payload;
        public uint Tag;
        public uint Stamp;
    }
}
