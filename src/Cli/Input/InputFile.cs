// gzip member, RFC 1952: 10 bytes of header (magic 1F 8B) and optional fields, deflate data, CRC-32, ISIZE.
//
// GZipStream takes a file that ends too early for a shorter text. ISIZE, the length of the text modulo 2^32, is the last
// field of a complete file, so it tells: the last four bytes of a file that was cut equal it with a chance of 2^-32.

using System.Buffers.Binary;
using System.IO.Compression;

namespace X86Pae.Cli.Input;

/// <summary>The content of a file that the user named: plain, or decompressed if it begins as gzip does.</summary>
/// <remarks>
/// Whatever goes wrong with the file is a <see cref="UserErrorException"/> that names it, on opening and while reading.
/// A gzip file holds one member, with nothing after it.
/// </remarks>
internal sealed class InputFile : Stream
{
    private const int SmallestGzipFile = 18;

    private readonly Stream _content;
    private readonly uint? _gzipTextLength;
    private uint _delivered;

    private InputFile(string path, Stream content, uint? gzipTextLength)
    {
        Path = path;
        _content = content;
        _gzipTextLength = gzipTextLength;
    }

    /// <summary>The path as the user gave it.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Opens a file for reading from its beginning.</summary>
    /// <param name="path">A regular file, or a pipe.</param>
    /// <exception cref="UserErrorException">It does not exist, is a directory, or may not be read.</exception>
    public static InputFile Open(string path)
    {
        try
        {
            Stream stored = Seekable(File.OpenRead(path));
            Span<byte> magic = stackalloc byte[2];
            bool gzip = stored.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length
                && magic is [0x1F, 0x8B];
            if (!gzip)
            {
                stored.Position = 0;
                return new InputFile(path, stored, gzipTextLength: null);
            }

            if (stored.Length < SmallestGzipFile)
            {
                throw Truncated(path);
            }

            Span<byte> length = stackalloc byte[sizeof(uint)];
            stored.Seek(-length.Length, SeekOrigin.End);
            stored.ReadExactly(length);
            stored.Position = 0;
            return new InputFile(
                path, new GZipStream(stored, CompressionMode.Decompress), BinaryPrimitives.ReadUInt32LittleEndian(length));
        }
        catch (Exception e) when (IsReadError(e))
        {
            throw Describe(path, e);
        }
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int count;
        try
        {
            count = _content.Read(buffer);
        }
        catch (Exception e) when (IsReadError(e))
        {
            throw Describe(Path, e);
        }

        _delivered += (uint)count;
        if (count == 0 && !buffer.IsEmpty && _gzipTextLength is uint expected && expected != _delivered)
        {
            throw Truncated(Path);
        }

        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Dispose();
        }

        base.Dispose(disposing);
    }

    private static Stream Seekable(FileStream file)
    {
        if (file.CanSeek)
        {
            return file;
        }

        using (file)
        {
            var copy = new MemoryStream();
            file.CopyTo(copy);
            copy.Position = 0;
            return copy;
        }
    }

    private static bool IsReadError(Exception e) => e is IOException or UnauthorizedAccessException or InvalidDataException;

    private static UserErrorException Describe(string path, Exception e) => new(
        $"{path}: " + e switch
        {
            _ when Directory.Exists(path) => "is a directory",
            FileNotFoundException or DirectoryNotFoundException => "no such file",
            UnauthorizedAccessException => "permission denied",
            InvalidDataException => "the gzip data is corrupt",
            _ => e.Message,
        },
        e);

    private static UserErrorException Truncated(string path) =>
        new($"{path}: the gzip data is truncated, or something follows it");
}
