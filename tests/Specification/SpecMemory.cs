namespace X86Pae.Specification;

/// <summary>Physical memory, byte by byte; beyond its end reads give the open-bus value and writes are dropped (7.4).</summary>
/// <remarks>It can be frozen cheaply: pages are copied when they are next written.</remarks>
public sealed class SpecMemory
{
    private const int PageSize = 4096;

    private readonly byte[][] _pages;
    private readonly bool[] _isFrozen;
    private readonly byte _openBus;

    public SpecMemory(int sizeInBytes, byte openBus)
    {
        _pages = new byte[sizeInBytes / PageSize][];
        _isFrozen = new bool[_pages.Length];
        _openBus = openBus;
        byte[] zeros = new byte[PageSize];
        Array.Fill(_pages, zeros);
        Array.Fill(_isFrozen, true);
    }

    private SpecMemory(SpecMemory frozen)
    {
        _pages = [.. frozen._pages];
        _isFrozen = frozen._isFrozen;
        _openBus = frozen._openBus;
    }

    public int SizeInBytes => _pages.Length * PageSize;

    public ReadOnlySpan<byte> Page(int number) => _pages[number];

    /// <summary>The memory as it is now, to be read only.</summary>
    public SpecMemory Freeze()
    {
        Array.Fill(_isFrozen, true);
        return new SpecMemory(this);
    }

    public ulong Load(ulong address, int size)
    {
        ulong value = 0;
        for (int i = size - 1; i >= 0; i--)
        {
            value = (value << 8) | LoadByte(address + (ulong)i);
        }

        return value;
    }

    public void Store(ulong address, int size, ulong value)
    {
        for (int i = 0; i < size; i++)
        {
            StoreByte(address + (ulong)i, (byte)(value >> (8 * i)));
        }
    }

    private byte LoadByte(ulong address) =>
        address < (ulong)SizeInBytes ? _pages[address / PageSize][address % PageSize] : _openBus;

    private void StoreByte(ulong address, byte value)
    {
        if (address >= (ulong)SizeInBytes)
        {
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
