using X86Pae.Kmap.Traces;

namespace X86Pae.Cli.Input;

/// <summary>The content of a file that the user named: plain, or decompressed if it begins as gzip does.</summary>
/// <remarks>
/// Whatever goes wrong with the file is a <see cref="UserErrorException"/> that names it, on opening and while reading.
/// See <see cref="RecordedData"/> for what makes a gzip file whole.
/// </remarks>
internal sealed class InputFile : Stream
{
    private readonly Stream _content;

    private InputFile(string path, Stream content)
    {
        Path = path;
        _content = content;
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
    /// <param name="path">A file, or a pipe.</param>
    /// <exception cref="UserErrorException">It does not exist, is a directory, or may not be read.</exception>
    public static InputFile Open(string path)
    {
        try
        {
            FileStream stored = File.OpenRead(path);
            try
            {
                return new InputFile(path, RecordedData.Open(stored));
            }
            catch
            {
                stored.Dispose();
                throw;
            }
        }
        catch (Exception e) when (IsReadError(e))
        {
            throw Describe(path, e);
        }
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        try
        {
            return _content.Read(buffer);
        }
        catch (Exception e) when (IsReadError(e))
        {
            throw Describe(Path, e);
        }
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

    /// <summary>Whether an exception is about a file that cannot be read, not about a mistake of this program.</summary>
    /// <param name="e">The exception.</param>
    public static bool IsReadError(Exception e) => e is IOException or UnauthorizedAccessException or InvalidDataException;

    /// <summary>The message for a file that cannot be read.</summary>
    /// <param name="path">The path as the user gave it.</param>
    /// <param name="e">What was thrown.</param>
    public static UserErrorException Describe(string path, Exception e) => new(
        $"{path}: " + e switch
        {
            _ when Directory.Exists(path) => "is a directory",
            FileNotFoundException or DirectoryNotFoundException => "no such file",
            UnauthorizedAccessException => "permission denied",
            _ => e.Message,
        },
        e);
}
