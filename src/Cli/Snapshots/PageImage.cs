// pages.bin: the pages that hold page tables, repeated { physical address, 8 bytes little-endian; content, 4096 bytes }.

using System.Buffers.Binary;
using X86Pae.Cli.Input;
using X86Pae.Memory;

namespace X86Pae.Cli.Snapshots;

/// <summary>Loads recorded pages into guest memory.</summary>
internal static class PageImage
{
    private const int PageSize = 4096;
    private const int RecordSize = sizeof(ulong) + PageSize;

    /// <summary>Loads all pages of a file.</summary>
    /// <param name="path">The file, plain or gzip.</param>
    /// <param name="memory">Receives them; every address that is not in the file stays zero.</param>
    /// <exception cref="UserErrorException">It cannot be read, ends inside a page, or has an address that is no page's.</exception>
    public static void Load(string path, GuestMemory memory)
    {
        using InputFile file = InputFile.Open(path);
        var bus = new RamBus(memory);
        Span<byte> record = new byte[RecordSize];
        for (int number = 0; ; number++)
        {
            int count = file.ReadAtLeast(record, record.Length, throwOnEndOfStream: false);
            if (count == 0)
            {
                return;
            }

            if (count < record.Length)
            {
                throw new UserErrorException($"{path}: page {number} is cut short: {count} of {RecordSize} bytes");
            }

            ulong address = BinaryPrimitives.ReadUInt64LittleEndian(record);
            if (address % PageSize != 0 || address >= memory.SizeInBytes)
            {
                throw new UserErrorException(
                    $"{path}: page {number} has the address {address:x}, which is no page below {memory.SizeInBytes:x}");
            }

            bus.Write(address, record[sizeof(ulong)..]);
        }
    }
}
