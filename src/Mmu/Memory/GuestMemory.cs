// Sparse guest RAM. A page costs memory from its first write on; until then it reads as zeros.
//
//   physical address   39          21 20        12 11         0
//                     +--------------+------------+------------+
//                     | chunk number | page       | offset     |
//                     +--------------+------------+------------+
//                        |              |
//   _chunks[chunk] ------+   chunk[page]+--> address of 4 KiB in a pinned slab, or of the shared zero page
//
//   Every chunk reference is valid (a shared empty chunk stands for 2 MiB never written), so a read has no test.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace X86Pae.Memory;

/// <summary>Sparse guest RAM of up to 1 TiB that costs host memory only for the 4-KiB pages written.</summary>
/// <remarks>
/// Safe for use by several threads: entries are read and compare-exchanged atomically, and a page is materialised once.
/// Loads and stores of data are as atomic as the host's own unaligned accesses.
/// </remarks>
public sealed unsafe class GuestMemory
{
    /// <summary>Largest size, in bytes: 1 TiB.</summary>
    public const ulong MaxSizeInBytes = 1UL << 40;

    private const int PageSize = 4096;
    private const int PagesPerSlab = 64;
    private const int PagesPerChunk = 512;

    private static readonly byte[] ZeroPageStorage = GC.AllocateArray<byte>(2 * PageSize, pinned: true);
    private static readonly nint ZeroPage = AlignedStart(ZeroPageStorage);
    private static readonly nint[] EmptyChunk = NewChunk();

    private readonly Lock _growth = new();
    private readonly List<byte[]> _slabs = [];
    private readonly nint[][] _chunks;
    private readonly ulong _size;
    private nint _nextFreePage;
    private int _freePagesInSlab;

    /// <summary>Creates RAM that covers physical addresses 0 to <paramref name="sizeInBytes"/> - 1.</summary>
    /// <param name="sizeInBytes">A multiple of 4096, at least 4096, at most <see cref="MaxSizeInBytes"/>.</param>
    /// <param name="openBus">What each byte beyond the end reads as; FFh is what an undriven bus gives.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="sizeInBytes"/> is out of range or not a multiple of 4096.</exception>
    public GuestMemory(ulong sizeInBytes, byte openBus = 0xFF)
    {
        if (sizeInBytes is 0 or > MaxSizeInBytes || sizeInBytes % PageSize != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(sizeInBytes), sizeInBytes, "Guest memory is 4 KiB to 1 TiB, in whole 4-KiB pages.");
        }

        _size = sizeInBytes;
        OpenBus = openBus * 0x0101_0101_0101_0101UL;
        _chunks = new nint[(sizeInBytes + (PagesPerChunk * PageSize) - 1) / (PagesPerChunk * PageSize)][];
        Array.Fill(_chunks, EmptyChunk);
    }

    /// <summary>Size in bytes; physical addresses from here on are open bus.</summary>
    public ulong SizeInBytes => _size;

    /// <summary>What eight bytes beyond the end of the memory read as.</summary>
    public ulong OpenBus { get; }

    /// <summary>Number of 4-KiB pages that have been written and so occupy host memory.</summary>
    public long ResidentPages { get; private set; }

    /// <summary>A reference to a byte of RAM for reading; an unwritten page is the shared zero page.</summary>
    /// <param name="address">Physical byte address below <see cref="SizeInBytes"/>; the caller has checked it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // two loads; a call would cost as much again
    internal ref byte ForRead(ulong address)
    {
        nint[] chunk = _chunks[address >> 21];
        nint page = Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(chunk), (nint)((address >> 12) & (PagesPerChunk - 1)));
        return ref *((byte*)page + (address & (PageSize - 1)));
    }

    /// <summary>A reference to a byte of RAM for writing; materialises the page.</summary>
    /// <param name="address">Physical byte address below <see cref="SizeInBytes"/>; the caller has checked it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // as ForRead, plus one compare
    internal ref byte ForWrite(ulong address)
    {
        nint[] chunk = _chunks[address >> 21];
        nint page = Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(chunk), (nint)((address >> 12) & (PagesPerChunk - 1)));
        if (page == ZeroPage)
        {
            page = Materialise(address);
        }

        return ref *((byte*)page + (address & (PageSize - 1)));
    }

    private static nint[] NewChunk()
    {
        var chunk = new nint[PagesPerChunk];
        Array.Fill(chunk, ZeroPage);
        return chunk;
    }

    private static nint AlignedStart(byte[] pinned) =>
        ((nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned)) + PageSize - 1) & ~(nint)(PageSize - 1);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private nint Materialise(ulong address)
    {
        lock (_growth)
        {
            nint[] chunk = _chunks[address >> 21];
            if (ReferenceEquals(chunk, EmptyChunk))
            {
                chunk = NewChunk();
                Volatile.Write(ref _chunks[address >> 21], chunk);
            }

            ref nint page = ref chunk[(int)(address >> 12) & (PagesPerChunk - 1)];
            if (page == ZeroPage)
            {
                Volatile.Write(ref page, TakePage());
                ResidentPages++;
            }

            return page;
        }
    }

    private nint TakePage()
    {
        if (_freePagesInSlab == 0)
        {
            byte[] slab = GC.AllocateArray<byte>((PagesPerSlab + 1) * PageSize, pinned: true);
            _slabs.Add(slab);
            _nextFreePage = AlignedStart(slab);
            _freePagesInSlab = PagesPerSlab;
        }

        nint page = _nextFreePage;
        _nextFreePage += PageSize;
        _freePagesInSlab--;
        return page;
    }
}
