// Sparse guest RAM. A page costs memory from its first write on; until then it reads as zeros.
//
//   physical address   39                     12 11         0
//                     +-------------------------+------------+
//                     | page number             | offset     |
//                     +-------------------------+------------+
//                        |
//   _pages[page] --------+--> address of 4 KiB in a pinned slab, or 0 for a page never written
//
//   One entry of eight bytes stands for each page, in zeroed native memory that the host backs only where it is touched.

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

    // Behind the last page of every allocation lies another, so that an unchecked load never leaves what is allocated.
    private static readonly byte[] ZeroPageStorage = GC.AllocateArray<byte>(3 * PageSize, pinned: true);
    private static readonly nint ZeroPage = AlignedStart(ZeroPageStorage);

    private readonly Lock _growth = new();
    private readonly List<byte[]> _slabs = [];
    private readonly nint* _pages;
    private readonly ulong _size;
    private readonly nint _zeroPage = ZeroPage; // at hand, so that no load asks whether the static one exists yet
    private nint _nextFreePage;
    private int _freePagesInSlab;
    private bool _isRetired;

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
        _pages = (nint*)NativeMemory.AllocZeroed((nuint)(sizeInBytes / PageSize), (nuint)sizeof(nint));
    }

    /// <summary>Gives the table of pages back to the host, one collection after the last reference is gone.</summary>
    /// <remarks>An access in flight no longer needs the reference once it holds the page's address; it is over by then.</remarks>
    ~GuestMemory()
    {
        if (_isRetired)
        {
            NativeMemory.Free(_pages);
        }
        else
        {
            _isRetired = true;
            GC.ReRegisterForFinalize(this);
        }
    }

    /// <summary>Size in bytes; physical addresses from here on are open bus.</summary>
    public ulong SizeInBytes => _size;

    /// <summary>What eight bytes beyond the end of the memory read as.</summary>
    public ulong OpenBus { get; }

    /// <summary>Number of 4-KiB pages that have been written and so occupy host memory.</summary>
    public long ResidentPages { get; private set; }

    /// <summary>A reference to a byte of RAM for reading; an unwritten page is the shared zero page.</summary>
    /// <param name="address">Physical byte address below <see cref="SizeInBytes"/>; the caller has checked it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // one load; a call would cost as much again
    internal ref byte ForRead(ulong address)
    {
        nint page = _pages[address >> 12];
        return ref *((byte*)(page != 0 ? page : _zeroPage) + (address & (PageSize - 1)));
    }

    /// <summary>A reference to a byte of RAM for writing; materialises the page.</summary>
    /// <param name="address">Physical byte address below <see cref="SizeInBytes"/>; the caller has checked it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // as ForRead
    internal ref byte ForWrite(ulong address)
    {
        nint page = _pages[address >> 12];
        return ref *((byte*)(page != 0 ? page : Materialise(address)) + (address & (PageSize - 1)));
    }

    /// <summary>Where a page of RAM is in host memory; it stays there as long as this object lives.</summary>
    /// <param name="address">Physical byte address below <see cref="SizeInBytes"/>; the caller has checked it.</param>
    /// <param name="forWrite">Whether to give an unwritten page memory of its own.</param>
    /// <returns>Host address of the page's first byte; 0 for an unwritten page that is only read.</returns>
    internal nint HostPage(ulong address, bool forWrite)
    {
        nint page = _pages[address >> 12];
        return page == 0 && forWrite ? Materialise(address) : page;
    }

    private static nint AlignedStart(byte[] pinned) =>
        ((nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned)) + PageSize - 1) & ~(nint)(PageSize - 1);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private nint Materialise(ulong address)
    {
        lock (_growth)
        {
            ref nint page = ref _pages[address >> 12];
            if (page == 0)
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
            byte[] slab = GC.AllocateArray<byte>((PagesPerSlab + 2) * PageSize, pinned: true);
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
