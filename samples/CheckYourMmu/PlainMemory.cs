using System.Buffers.Binary;

namespace X86Pae.CheckYourMmu;

/// <summary>Physical memory that keeps the pages that have been written; beyond its end there is nothing.</summary>
internal sealed class PlainMemory(ulong sizeInBytes, byte openBus)
{
    private const int PageSize = 4096;

    private readonly Dictionary<ulong, byte[]> _pages = [];

    public void Read(ulong address, Span<byte> bytes)
    {
        if (address >= sizeInBytes)
        {
            bytes.Fill(openBus);
        }
        else if (_pages.TryGetValue(address / PageSize, out byte[]? page))
        {
            page.AsSpan((int)(address % PageSize), bytes.Length).CopyTo(bytes);
        }
        else
        {
            bytes.Clear();
        }
    }

    public void Write(ulong address, ReadOnlySpan<byte> bytes)
    {
        if (address >= sizeInBytes)
        {
            return;
        }

        if (!_pages.TryGetValue(address / PageSize, out byte[]? page))
        {
            _pages[address / PageSize] = page = new byte[PageSize];
        }

        bytes.CopyTo(page.AsSpan((int)(address % PageSize)));
    }

    public ulong Load(ulong address)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Read(address, bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    public void Store(ulong address, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Write(address, bytes);
    }
}
