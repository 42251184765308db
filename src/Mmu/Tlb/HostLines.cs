// A direct-mapped cache of the translations used last, by page and class of access, with host addresses of RAM.
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
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>The front of an untimed MMU: recent translations, as the host wants them.</summary>
/// <remarks>
/// Flushed in constant time. It may lose any entry at any time; what lies behind it fills it again. Copies are the same cache, so
/// that whoever asks often has its address at hand.
/// </remarks>
internal readonly unsafe struct HostLines
{
    private const int Sets = 1024;
    private const int LineBytes = 64;
    private const int SetsStart = LineBytes; // behind a line with the generation, and whether anything is kept
    private const int LargeMapStart = SetsStart + (Sets * LineBytes);
    private const int LargeMapShift = 22; // a byte stands for 4 MiB, which holds large pages of either size whole
    private const int LargeMapBytes = 1 << (32 - LargeMapShift);
    private const int PageShift = 12;
    private const int LineShift = 6;
    private const uint PageMask = 0xFFFF_F000;
    private const int ClassShift = 52;
    private const uint LastGeneration = 0xFFF;

    // What a cache that is switched off looks into: tags that never match.
    private static readonly PinnedBuffer NoLines = NewLines(isEnabled: false);

    private readonly byte* _start;

    /// <summary>Looks into memory from <see cref="Allocate"/>.</summary>
    /// <param name="memory">The memory, which the caller keeps alive.</param>
    public HostLines(PinnedBuffer memory) => _start = memory.Start;

    /// <summary>Whether anything is ever kept.</summary>
    public bool IsEnabled => ((uint*)_start)[1] != 0;

    // The generation whose tags count, 1 to LastGeneration.
    private ref uint Generation => ref *(uint*)_start;

    /// <summary>Allocates the memory of an empty cache.</summary>
    /// <param name="isEnabled">False for one that never holds anything and costs no memory.</param>
    public static PinnedBuffer Allocate(bool isEnabled) => isEnabled ? NewLines(isEnabled: true) : NoLines;

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

    /// <summary>Looks up the translation of an access, and when it was filled.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What would be done, and by whom.</param>
    /// <param name="result">The translation; undefined on a miss.</param>
    /// <param name="stamp">What the page was stamped with; undefined on a miss.</param>
    public bool TryPeek(uint linear, Access access, out WalkResult result, out uint stamp)
    {
        stamp = LineOf(linear)->Stamp;
        return TryTranslate(linear, access, out result);
    }

    /// <summary>Keeps the translation of an access that succeeded.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What was done, and by whom.</param>
    /// <param name="result">The translation; must not be a fault.</param>
    /// <param name="stamp">When it was filled, by the caller's count.</param>
    /// <remarks>A set holds one page in one state: another page, frame or right drops what was there for every class.</remarks>
    public void Fill(uint linear, Access access, WalkResult result, uint stamp)
    {
        if (!IsEnabled)
        {
            return;
        }

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
        if (!IsEnabled)
        {
            return;
        }

        Line* line = LineOf(linear);
        uint tag = TagOf(linear);
        if (line->Tag != tag)
        {
            *line = new Line { Tag = tag }; // paging is off: nothing was translated
        }

        line->HostOffset = hostPage - (nint)(linear & PageMask);
        *TagOf(line, access) = tag;
    }

    /// <summary>Drops a page; of a large page, whose pieces may be in any set, all of it, and with it everything.</summary>
    /// <param name="linear">Any address in the page.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a few instructions in every INVLPG
    public void Invalidate(uint linear)
    {
        if (!IsEnabled)
        {
            return;
        }

        Vector512<byte>.Zero.Store((byte*)LineOf(linear));
        if (LargeMap(linear) != 0)
        {
            FlushPieces();
        }
    }

    /// <summary>Drops everything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // one addition in every flush
    public void FlushAll()
    {
        if (IsEnabled && ++Generation > LastGeneration)
        {
            Restart();
        }
    }

    private static PinnedBuffer NewLines(bool isEnabled)
    {
        var memory = new PinnedBuffer(LargeMapStart + LargeMapBytes);
        ((uint*)memory.Start)[0] = 1;
        ((uint*)memory.Start)[1] = isEnabled ? 1u : 0;
        return memory;
    }

    private static ulong TranslatedBit(Access access) => 1UL << (ClassShift + access.Class);

    private Line* LineOf(uint linear) =>
        (Line*)(_start + SetsStart + ((linear >> (PageShift - LineShift)) & ((Sets - 1) << LineShift)));

    private static uint* TagOf(Line* line, Access access) => (uint*)line + access.Class; // RamTags, without a check for null

    private uint TagOf(uint linear) => (linear & PageMask) | Generation;

    private ref byte LargeMap(uint linear) => ref _start[LargeMapStart + (nuint)(linear >> LargeMapShift)];

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps INVLPG of a small page small
    private void FlushPieces() => FlushAll();

    /// <summary>Begins with generation 1 again; no old tag may match it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // once in 4,095 flushes
    private void Restart()
    {
        new Span<byte>(_start + SetsStart, LargeMapStart + LargeMapBytes - SetsStart).Clear();
        Generation = 1;
    }

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
