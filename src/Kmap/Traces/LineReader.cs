using System.Buffers;

namespace X86Pae.Kmap.Traces;

/// <summary>Cuts a stream into lines without copying or allocating one.</summary>
internal sealed class LineReader : IDisposable
{
    /// <summary>Longest line, in bytes with its end. The kernel prints at most a page for one event.</summary>
    public const int MaxLineLength = 1 << 16;

    private readonly Stream _stream;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(MaxLineLength);
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>Starts at the first line.</summary>
    /// <param name="stream">Disposed together with the reader.</param>
    public LineReader(Stream stream) => _stream = stream;

    /// <summary>Number of lines handed out, which is the number of the last one, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Tells what the next line starts with.</summary>
    /// <param name="first">Its first byte, which may be the line feed.</param>
    /// <returns><see langword="false"/> at the end of the text.</returns>
    /// <exception cref="InvalidDataException">The stream reports damage.</exception>
    public bool TryPeek(out byte first)
    {
        bool any = _start < _end || Fill();
        first = any ? _buffer[_start] : (byte)0;
        return any;
    }

    /// <summary>Reads one line; the last one need not have an end.</summary>
    /// <param name="line">The line without its CR, LF or both; valid until the next call.</param>
    /// <returns><see langword="false"/> at the end of the text.</returns>
    /// <exception cref="InvalidDataException">The stream reports damage, or the line is too long.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        int searched = 0;
        int length;
        while ((length = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n')) < 0)
        {
            searched = _end - _start;
            if (!Fill())
            {
                return TakeLast(out line);
            }
        }

        length += searched;
        line = _buffer.AsSpan(_start, length).TrimEnd((byte)'\r');
        _start += length + 1;
        Line++;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        if (_buffer.Length != 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private bool TakeLast(out ReadOnlySpan<byte> line)
    {
        line = _buffer.AsSpan(_start, _end - _start).TrimEnd((byte)'\r');
        bool any = _start < _end;
        _start = _end;
        Line += any ? 1 : 0;
        return any;
    }

    // Appends to what is left of the buffer. False at the end of the stream.
    private bool Fill()
    {
        if (_ended)
        {
            return false;
        }

        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == MaxLineLength)
        {
            throw new InvalidDataException($"the line is longer than {MaxLineLength} bytes: this is not ftrace text");
        }

        int count = _stream.Read(_buffer.AsSpan(_end, MaxLineLength - _end));
        _end += count;
        _ended = count == 0;
        return count > 0;
    }
}
