using System.Runtime.InteropServices;
using Iced.Intel;

namespace X86Pae.GuestRunner.Processor;

/// <summary>Hands the bytes of one fetch to the decoder.</summary>
internal sealed class InstructionBytes : CodeReader
{
    /// <summary>Bytes that an instruction may have at most.</summary>
    public const int MaxLength = 15;

    private readonly byte[] _bytes = new byte[16];
    private int _next;

    /// <summary>How many bytes are there.</summary>
    public int Count { get; private set; }

    /// <summary>Starts again with room for some bytes, which the caller fills.</summary>
    /// <param name="count">1 to 16.</param>
    public Span<byte> Begin(int count)
    {
        Count = 0;
        return Extend(count);
    }

    /// <summary>Makes room behind the bytes that are there; they are read again from the first.</summary>
    /// <param name="count">How many more.</param>
    public Span<byte> Extend(int count)
    {
        _next = 0;
        Count += count;
        return _bytes.AsSpan(Count - count, count);
    }

    /// <summary>The bytes as one value, the first lowest; what is behind the last is not meaningful.</summary>
    public UInt128 AsWindow() => MemoryMarshal.Read<UInt128>(_bytes);

    public override int ReadByte() => _next < Count ? _bytes[_next++] : -1;
}
