using System.Buffers.Binary;

namespace X86Pae.Kmap.Traces;

/// <summary>A stream whose first bytes can be looked at before they are read, and that remembers its last four.</summary>
internal sealed class PeekedStream : ReadOnlyStream
{
    private const int HeadLength = 2;

    private readonly Stream _inner;
    private readonly byte[] _head = new byte[HeadLength];
    private readonly int _headLength;
    private int _headRead;
    private uint _lastFour;

    /// <summary>Reads the first two bytes, or fewer if the stream ends before.</summary>
    /// <param name="inner">Disposed together with this stream, but not when the constructor throws.</param>
    public PeekedStream(Stream inner)
    {
        _inner = inner;
        _headLength = inner.ReadAtLeast(_head, HeadLength, throwOnEndOfStream: false);
    }

    /// <summary>The first two bytes, or as many as there are. They are still to be read.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(0, _headLength);

    /// <summary>Number of bytes read so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>The last four bytes read so far as a little-endian number; missing ones are 0.</summary>
    public uint LastFour => _lastFour;

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int count;
        if (_headRead < _headLength)
        {
            count = Math.Min(buffer.Length, _headLength - _headRead);
            _head.AsSpan(_headRead, count).CopyTo(buffer);
            _headRead += count;
        }
        else
        {
            count = _inner.Read(buffer);
        }

        BytesRead += count;
        Remember(buffer[..count]);
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Remember(ReadOnlySpan<byte> read)
    {
        if (read.Length >= sizeof(uint))
        {
            _lastFour = BinaryPrimitives.ReadUInt32LittleEndian(read[^sizeof(uint)..]);
            return;
        }

        foreach (byte value in read)
        {
            _lastFour = (_lastFour >> 8) | ((uint)value << 24);
        }
    }
}

/// <summary>A stream that can only be read forwards; a derived class implements <see cref="Read(Span{byte})"/> alone.</summary>
internal abstract class ReadOnlyStream : Stream
{
    /// <inheritdoc/>
    public sealed override bool CanRead => true;

    /// <inheritdoc/>
    public sealed override bool CanSeek => false;

    /// <inheritdoc/>
    public sealed override bool CanWrite => false;

    /// <inheritdoc/>
    public sealed override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public sealed override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public abstract override int Read(Span<byte> buffer);

    /// <inheritdoc/>
    public sealed override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public sealed override void Flush()
    {
    }

    /// <inheritdoc/>
    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public sealed override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
