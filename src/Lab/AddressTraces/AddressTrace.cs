using System.Buffers.Binary;
using System.Collections;
using System.Runtime.InteropServices;

namespace X86Pae.Lab.AddressTraces;

/// <summary>A recorded sequence of memory accesses by the processors of one machine, in memory.</summary>
public sealed class AddressTrace
{
    private const int BufferSize = 1 << 20;

    private readonly List<AddressRecord> _records;

    private AddressTrace(List<AddressRecord> records) => _records = records;

    /// <summary>The records, in the order of the recording.</summary>
    public ReadOnlySpan<AddressRecord> Records => CollectionsMarshal.AsSpan(_records);

    /// <summary>Reads a trace to its end.</summary>
    /// <param name="content">Records of eight bytes, little-endian, as <see cref="AddressRecord"/> describes; not compressed.</param>
    /// <exception cref="InvalidDataException">
    /// It is damaged; the message begins with the number of the record, from 1, and may be shown with the name of the file before it.
    /// </exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static AddressTrace Read(Stream content)
    {
        ArgumentNullException.ThrowIfNull(content);
        List<AddressRecord> records = [];
        byte[] buffer = new byte[BufferSize];
        int count;
        while ((count = ReadBlock(content, buffer, records.Count)) > 0)
        {
            int whole = count & -AddressRecord.SizeInBytes;
            for (int i = 0; i < whole; i += AddressRecord.SizeInBytes)
            {
                var record = new AddressRecord(BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(i)));
                if (record.Kind > AddressRecordKind.MovCr4)
                {
                    throw new InvalidDataException($"record {records.Count + 1}: there is no kind {(int)record.Kind}");
                }

                records.Add(record);
            }

            if (whole != count)
            {
                throw new InvalidDataException($"record {records.Count + 1}: the trace ends after {count - whole} of its 8 bytes");
            }
        }

        if (records.Count == 0)
        {
            throw new InvalidDataException("record 1: the trace is empty");
        }

        return new AddressTrace(records);
    }

    /// <summary>Marks the numbers of all frames that the records name.</summary>
    internal BitArray MarkFrames()
    {
        var used = new BitArray((int)AddressRecord.UnknownFrame + 1);
        foreach (AddressRecord record in Records)
        {
            used[(int)record.Frame] = true; // that of an unknown frame is marked as well: it is no frame
        }

        return used;
    }

    /// <summary>Fills the buffer, unless the content ends before.</summary>
    private static int ReadBlock(Stream content, byte[] buffer, int recordsBefore)
    {
        int count = 0;
        try
        {
            int read;
            while (count < buffer.Length && (read = content.Read(buffer.AsSpan(count))) > 0)
            {
                count += read;
            }
        }
        catch (InvalidDataException e)
        {
            int record = recordsBefore + (count / AddressRecord.SizeInBytes) + 1;
            throw new InvalidDataException($"record {record}: {e.Message}", e);
        }

        return count;
    }
}
