using System.IO.Compression;
using System.Text;
using X86Pae.Kmap.Traces;

namespace X86Pae.Kmap.Tests.Traces;

/// <summary>Small recordings for the tests, and the recorded ones.</summary>
internal static class Recording
{
    public const string Name = TraceText.Name;

    public const string Header = TraceText.Header;

    public static string Line(string eventText, string prefix = "              cp-163     [000] .....    14.392300: ") =>
        prefix + eventText + "\n";

    public static FtraceReader Open(string text) => Open(Encoding.UTF8.GetBytes(text));

    public static FtraceReader Open(byte[] bytes) => FtraceReader.Open(new MemoryStream(bytes), Name);

    public static List<TraceEvent> ReadAll(FtraceReader reader)
    {
        using (reader)
        {
            var events = new List<TraceEvent>();
            while (reader.TryRead(out TraceEvent e))
            {
                events.Add(e);
            }

            return events;
        }
    }

    public static TraceEvent ReadOne(string line) => Assert.Single(ReadAll(Open(line)));

    public static TraceFormatException Fail(string text) => Assert.Throws<TraceFormatException>(() => ReadAll(Open(text)));

    public static byte[] Gzip(string text)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return compressed.ToArray();
    }

    public static byte[] Decompress(string file)
    {
        using var gzip = new GZipStream(File.OpenRead(TestData.PathOf("kmap", file)), CompressionMode.Decompress);
        using var text = new MemoryStream();
        gzip.CopyTo(text);
        return text.ToArray();
    }

    /// <summary>Header and events of many lengths, enough for several blocks of a small gzip file.</summary>
    public static string Sample(int lines)
    {
        var text = new StringBuilder(Header);
        for (int i = 0; i < lines; i++)
        {
            uint mixed = (uint)i * 2654435761;
            text.Append(Line(
                (i % 3) switch
                {
                    0 => $"kmap_local_map: (f+0x0/0x1) pfn=0x{mixed >> 8:x}",
                    1 => $"sched_switch: prev_comm=a b prev_pid={mixed % 997} ==> next_comm=c next_pid={mixed % 991}",
                    _ => $"flush_tlb_one_kernel: (f+0x0/0x1) va=0x{mixed:x}",
                },
                $"{new string('x', i % 15)}-{i}  [00{i % 4}] d..{i % 9 + 1}. {i}.{mixed % 1000000:D6}: "));
        }

        return text.ToString();
    }
}

/// <summary>Hands out a few bytes at a time, as a pipe may, and cannot seek.</summary>
internal sealed class SlowStream(byte[] bytes, int most) : MemoryStream(bytes)
{
    public override bool CanSeek => false;

    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, most));

    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, most)]);
}
