using X86Pae.Cli.Input;

namespace X86Pae.Cli.Reporting;

/// <summary>A file that a command writes because the user asked for it.</summary>
/// <remarks>
/// A file takes its new content in one step, so that it is never seen in part; a symbolic link stays, and what it leads to is
/// written. What is no file with a content of its own, such as a pipe or a device, is written to directly.
/// </remarks>
/// <param name="path">The path as the user gave it, not empty.</param>
/// <param name="text">What it is to hold.</param>
internal sealed class OutputFile(string path, string text)
{
    private readonly string _target = LinkTarget.Of(path);

    private string? _temporary; // in the same directory: only within a file system is a move one step
    private bool _isStaged;

    /// <summary>Whether to open it may block, and to write it may be final: it exists, and no content tells that it is a file.</summary>
    public bool MayBePipe => File.Exists(path) && new FileInfo(_target) is not { Exists: true, Length: > 0 };

    /// <summary>Does all of the work but the last step, <see cref="Commit"/>; writes what is no file.</summary>
    /// <exception cref="UserErrorException">It cannot be written.</exception>
    public void Stage() => Try(() =>
    {
        if (Directory.Exists(path))
        {
            throw new IOException("is a directory");
        }

        // Opening tells whether it may be written, and what it is.
        using FileStream? existing = OpenExisting();
        if (existing is not null && !HasLength(existing))
        {
            Write(existing);
            return;
        }

        _temporary = Path.Combine(Path.GetDirectoryName(_target)!, $".paelab-{Path.GetRandomFileName()}");
        using (var stream = new FileStream(_temporary, FileMode.CreateNew, FileAccess.Write))
        {
            _isStaged = true;
            Write(stream);
        }

        if (existing is not null && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_temporary, File.GetUnixFileMode(_target));
        }
    });

    /// <summary>Puts what was staged in its place.</summary>
    /// <exception cref="UserErrorException">It cannot be put there.</exception>
    public void Commit() => Try(() =>
    {
        if (_isStaged)
        {
            File.Move(_temporary!, _target, overwrite: true);
            _isStaged = false;
        }
    });

    /// <summary>Removes what was staged and not committed.</summary>
    public void Discard()
    {
        if (_isStaged)
        {
            File.Delete(_temporary!);
        }
    }

    private FileStream? OpenExisting()
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    // Only a file has a length that can be set. The null device, for one, is as seekable as a file.
    private static bool HasLength(FileStream stream)
    {
        if (!stream.CanSeek)
        {
            return false;
        }

        try
        {
            stream.SetLength(stream.Length);
            return true;
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    private void Write(FileStream stream)
    {
        using var writer = new StreamWriter(stream, leaveOpen: true);
        writer.Write(text);
    }

    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string reason = e switch
            {
                DirectoryNotFoundException => "no such directory",
                UnauthorizedAccessException => "permission denied",
                _ => _temporary is null ? e.Message : e.Message.Replace(_temporary, path, StringComparison.Ordinal),
            };
            throw new UserErrorException($"{path}: cannot be written: {reason}", e);
        }
    }
}
