using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using X86Pae.GuestRunner.Machine;

namespace X86Pae.GuestRunner.Running;

/// <summary>Reads the files that the user names.</summary>
internal static class InputFiles
{
    /// <summary>Reads a program.</summary>
    /// <param name="path">A flat binary.</param>
    /// <param name="memoryInBytes">The RAM in which it must fit.</param>
    /// <exception cref="UserErrorException">It cannot be read, is empty, or does not fit.</exception>
    public static byte[] ReadImage(string path, ulong memoryInBytes)
    {
        byte[] image = Read(path);
        if (image.Length == 0)
        {
            throw new UserErrorException($"{path}: the image is empty");
        }

        ulong room = memoryInBytes - GuestMachine.LoadAddress;
        return (ulong)image.Length <= room
            ? image
            : throw new UserErrorException($"{path}: the image has {image.Length:N0} bytes, and the memory room for {room:N0}");
    }

    /// <summary>Reads lines of expected output.</summary>
    /// <param name="path">Text, plain or gzip.</param>
    /// <exception cref="UserErrorException">It cannot be read.</exception>
    public static string[] ReadLines(string path)
    {
        byte[] content = Read(path);
        if (content is [0x1F, 0x8B, _, _, ..])
        {
            content = Decompress(path, content);
        }

        string text = Encoding.Latin1.GetString(content);
        string[] lines = text.Split('\n');
        return text.Length == 0 || text.EndsWith('\n') ? lines[..^1] : lines;
    }

    private static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path}: " + e switch
            {
                _ when Directory.Exists(path) => "is a directory",
                FileNotFoundException or DirectoryNotFoundException => "no such file",
                UnauthorizedAccessException => "permission denied",
                _ => e.Message,
            });
        }
    }

    private static byte[] Decompress(string path, byte[] compressed)
    {
        try
        {
            using var source = new GZipStream(new MemoryStream(compressed), CompressionMode.Decompress);
            using var plain = new MemoryStream();
            source.CopyTo(plain);

            // The last four bytes of a gzip file are the length of its content; those of a file that was cut off are not.
            bool isWhole = BinaryPrimitives.ReadUInt32LittleEndian(compressed.AsSpan(compressed.Length - 4)) == plain.Length;
            return isWhole ? plain.ToArray() : throw new UserErrorException($"{path}: the gzip data is cut off");
        }
        catch (InvalidDataException e)
        {
            throw new UserErrorException($"{path}: {e.Message}");
        }
    }
}

/// <summary>A mistake of the user. The message is shown alone, and the exit status is 2.</summary>
internal sealed class UserErrorException(string message) : Exception(message);
