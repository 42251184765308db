using System.Runtime.InteropServices;
using Iced.Intel;

namespace X86Pae.Samples.Processor.Fetching;

/// <summary>The bytes of one instruction, as the decoder reads them.</summary>
internal sealed class InstructionBytes : CodeReader
{
    /// <summary>The largest length of an instruction in bytes.</summary>
    public const int MaxLength = 15;

    private readonly byte[] _bytes = new byte[16];
    private int _next;

    /// <summary>Number of bytes held.</summary>
    public int Count { get; private set; }

    /// <summary>Drops all bytes and makes room for others.</summary>
    /// <param name="count">Number of bytes, 1 to 16.</param>
    /// <returns>The room, which the caller fills.</returns>
    public Span<byte> Begin(int count)
    {
        Count = 0;
        return Extend(count);
    }

    /// <summary>Makes room behind the bytes held. The decoder reads again from the first.</summary>
    /// <param name="count">Number of further bytes.</param>
    /// <returns>The room, which the caller fills.</returns>
    public Span<byte> Extend(int count)
    {
        _next = 0;
        Count += count;
        return _bytes.AsSpan(Count - count, count);
    }

    /// <summary>The bytes as one value, the first lowest. Bytes of it behind the last have no meaning.</summary>
    public UInt128 AsWindow() => MemoryMarshal.Read<UInt128>(_bytes);

    public override int ReadByte() => _next < Count ? _bytes[_next++] : -1;
}
