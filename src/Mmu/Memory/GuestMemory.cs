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

/// <summary>Sparse guest RAM of up to 1 TiB. Only 4-KiB pages that have been written take host memory.</summary>
/// <remarks>
/// <para>
/// Guest RAM is accessed through a bus over it: <see cref="RamBus"/>, or <see cref="SystemBus"/> where there are devices.
/// </para>
/// <para>
/// Several threads may use it: page-table entries are read and compare-exchanged atomically, and a page gets its memory once.
/// Loads and stores of data are as atomic as the host's own unaligned accesses.
/// </para>
/// </remarks>
public sealed unsafe class GuestMemory
{
    /// <summary>Largest size, in bytes: 1 TiB.</summary>
    public const ulong MaxSizeInBytes = 1UL << 40;

    private const int PageSize = 4096;
    private const int PagesPerSlab = 64;

    // Every allocation has a spare page behind its last one, so that an unchecked load across a page's end stays in host memory.
    private static readonly byte[] ZeroPageStorage = GC.AllocateArray<byte>(3 * PageSize, pinned: true);
    private static readonly nint ZeroPage = AlignedStart(ZeroPageStorage);

    private readonly Lock _growth = new();
    private readonly List<byte[]> _slabs = [];
    private readonly nint* _pages;
    private readonly ulong _size;
    private readonly nint _zeroPage = ZeroPage; // a copy, because a load of the static field checks that it is initialized
    private nint _nextFreePage;
    private int _freePagesInSlab;
    private bool _isRetired;

    /// <summary>Creates RAM that covers physical addresses 0 to <paramref name="sizeInBytes"/> - 1.</summary>
    /// <param name="sizeInBytes">A multiple of 4096, at least 4096, at most <see cref="MaxSizeInBytes"/>.</param>
    /// <param name="openBus">The value of each byte beyond the end; an undriven bus gives FFh.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="sizeInBytes"/> is out of range or not a multiple of 4096.
    /// </exception>
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

    /// <summary>Frees the table of pages, one garbage collection after the last reference is gone.</summary>
    /// <remarks>
    /// An access that has loaded a page's address no longer needs the reference and may still be running when it is collected. It
    /// is over by the next collection.
    /// </remarks>
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

    /// <summary>Size in bytes. Physical addresses from here on are open bus.</summary>
    public ulong SizeInBytes => _size;

    /// <summary>The value of eight bytes beyond the end of the memory.</summary>
    public ulong OpenBus { get; }

    /// <summary>Number of 4-KiB pages that have been written and so take host memory.</summary>
    public long ResidentPages { get; private set; }

    /// <summary>Gives a reference to a byte of RAM for reading; all unwritten pages share one page of zeros.</summary>
    /// <param name="address">Physical byte address below <see cref="SizeInBytes"/>; the caller has checked it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // one load; a call would cost as much again
    internal ref byte ForRead(ulong address)
    {
        nint page = _pages[address >> 12];
        return ref *((byte*)(page != 0 ? page : _zeroPage) + (address & (PageSize - 1)));
    }

    /// <summary>Gives a reference to a byte of RAM for writing, and memory to its page if it has none yet.</summary>
    /// <param name="address">Physical byte address below <see cref="SizeInBytes"/>; the caller has checked it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // one load; a call would cost as much again
    internal ref byte ForWrite(ulong address)
    {
        nint page = _pages[address >> 12];
        return ref *((byte*)(page != 0 ? page : Materialise(address)) + (address & (PageSize - 1)));
    }

    /// <summary>Finds a page of RAM in host memory, where it stays as long as this object lives.</summary>
    /// <param name="address">Physical byte address below <see cref="SizeInBytes"/>; the caller has checked it.</param>
    /// <param name="forWrite">Whether to give an unwritten page memory of its own.</param>
    /// <returns>
    /// Host address of the page's first byte; 0 for an unwritten page, unless <paramref name="forWrite"/> is true.
    /// </returns>
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
