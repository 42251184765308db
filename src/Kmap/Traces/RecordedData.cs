// gzip member, RFC 1952: header (10 bytes and optional fields), deflate data, CRC-32, ISIZE (length of the text modulo 2^32).
//
// GZipStream checks CRC and ISIZE where it meets them, but a file that ends anywhere before is, unless a process-wide switch is
// set, the ordinary end of the text: half a recording would be replayed as if it were a whole one. The last four bytes of a
// complete file are ISIZE and equal the number of bytes delivered; those of one that was cut are other bytes of the data, and
// equal it with a chance of 2^-32.

using System.IO.Compression;

namespace X86Pae.Kmap.Traces;

/// <summary>Opens recorded data that may be compressed with gzip; told from its first two bytes, not from a name.</summary>
public static class RecordedData
{
    /// <summary>Begins to read.</summary>
    /// <param name="stored">
    /// The data as it is stored, from the current position to the end; it need not be seekable. Disposed together with the
    /// returned stream, but not when this method throws.
    /// </param>
    /// <returns>
    /// The content. Reading on throws <see cref="InvalidDataException"/> where gzip data is corrupt, and at its end where it was
    /// truncated or goes on after one member: what is not whole is never taken for something shorter.
    /// </returns>
    /// <exception cref="IOException">The data cannot be read.</exception>
    public static Stream Open(Stream stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var peeked = new PeekedStream(stored);
        return peeked.Head is [0x1F, 0x8B] ? new VerifiedGzipStream(peeked) : peeked;
    }
}

/// <summary>Decompresses a file of exactly one gzip member, and does not let a truncated one pass for a shorter text.</summary>
internal sealed class VerifiedGzipStream : ReadOnlyStream
{
    private const int SmallestMember = 18; // header and trailer; a header alone may well end in four zeros

    private readonly PeekedStream _compressed;
    private readonly GZipStream _text;
    private long _length;

    /// <summary>Starts at the header; nothing is read yet.</summary>
    /// <param name="compressed">Disposed together with this stream.</param>
    public VerifiedGzipStream(PeekedStream compressed)
    {
        _compressed = compressed;
        _text = new GZipStream(compressed, CompressionMode.Decompress);
    }

    /// <summary>Reads text.</summary>
    /// <param name="buffer">Receives at least one byte, unless the text is over; not empty.</param>
    /// <returns>Number of bytes, or 0 once the whole member was read and is known to be complete.</returns>
    /// <exception cref="InvalidDataException">The data is corrupt, was cut, or goes on after its end.</exception>
    public override int Read(Span<byte> buffer)
    {
        int count;
        try
        {
            count = _text.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            // The framework's own text speaks of archive entries and unsupported methods, whatever the damage.
            throw new InvalidDataException("the gzip data is corrupt", e);
        }

        _length += count;
        if (count == 0 && (_compressed.BytesRead < SmallestMember || _compressed.LastFour != unchecked((uint)_length)))
        {
            throw new InvalidDataException("the gzip data is truncated, or something follows it");
        }

        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _text.Dispose();
        }

        base.Dispose(disposing);
    }
}
