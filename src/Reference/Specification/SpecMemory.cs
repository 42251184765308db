namespace X86Pae.Reference.Specification;

/// <summary>Physical memory, byte by byte; beyond its end reads give the open-bus value and writes are dropped.</summary>
/// <remarks>It can be frozen cheaply: pages are copied when they are next written.</remarks>
public sealed class SpecMemory
{
    private const int PageSize = 4096;

    private readonly byte[][] _pages;
    private readonly bool[] _isFrozen;
    private readonly byte _openBus;
    private readonly Dictionary<ulong, byte>? _beyond;

    /// <summary>Creates memory of zeros.</summary>
    /// <param name="sizeInBytes">Size in bytes, a multiple of 4096.</param>
    /// <param name="openBus">What each byte beyond the end reads as.</param>
    public SpecMemory(int sizeInBytes, byte openBus)
    {
        _pages = new byte[sizeInBytes / PageSize][];
        _isFrozen = new bool[_pages.Length];
        _openBus = openBus;
        byte[] zeros = new byte[PageSize];
        Array.Fill(_pages, zeros);
        Array.Fill(_isFrozen, true);
    }

    private SpecMemory(SpecMemory original, bool[] isFrozen, Dictionary<ulong, byte>? beyond)
    {
        _beyond = beyond;
        _pages = [.. original._pages];
        _isFrozen = isFrozen;
        _openBus = original._openBus;
    }

    /// <summary>Size in bytes.</summary>
    public int SizeInBytes => _pages.Length * PageSize;

    /// <summary>The bytes of a 4-KiB page.</summary>
    internal ReadOnlySpan<byte> Page(int number) => _pages[number];

    /// <summary>The memory as it is now, to be read only.</summary>
    internal SpecMemory Freeze()
    {
        Array.Fill(_isFrozen, true);
        return new SpecMemory(this, _isFrozen, beyond: null);
    }

    /// <summary>A memory of its own with the same content, which keeps what is stored beyond the end as well.</summary>
    internal SpecMemory Copy()
    {
        Array.Fill(_isFrozen, true);
        return new SpecMemory(this, [.. _isFrozen], []);
    }

    /// <summary>Reads a number.</summary>
    /// <param name="address">Physical byte address.</param>
    /// <param name="size">1 to 8 bytes, the lowest first.</param>
    public ulong Load(ulong address, int size)
    {
        ulong value = 0;
        for (int i = size - 1; i >= 0; i--)
        {
            value = (value << 8) | LoadByte(address + (ulong)i);
        }

        return value;
    }

    /// <summary>Writes a number.</summary>
    /// <param name="address">Physical byte address.</param>
    /// <param name="size">1 to 8 bytes, the lowest first.</param>
    /// <param name="value">The number, in its low bits.</param>
    public void Store(ulong address, int size, ulong value)
    {
        for (int i = 0; i < size; i++)
        {
            StoreByte(address + (ulong)i, (byte)(value >> (8 * i)));
        }
    }

    private byte LoadByte(ulong address) =>
        address < (ulong)SizeInBytes ? _pages[address / PageSize][address % PageSize] : LoadBeyond(address);

    private byte LoadBeyond(ulong address) =>
        _beyond is not null && _beyond.TryGetValue(address, out byte kept) ? kept : _openBus;

    private void StoreByte(ulong address, byte value)
    {
        if (address >= (ulong)SizeInBytes)
        {
            _beyond?[address] = value;
            return;
        }

        ulong page = address / PageSize;
        if (_isFrozen[page])
        {
            _pages[page] = [.. _pages[page]];
            _isFrozen[page] = false;
        }

        _pages[page][address % PageSize] = value;
    }
}
