using X86Pae.Kmap.Traces;
using X86Pae.Lab.AddressTraces;

namespace X86Pae.Bench.Embedding;

/// <summary>What the recorded address trace, part of a running Linux, says of the sizes of pages.</summary>
internal static class RecordedAddresses
{
    private const uint DirectMapStart = 0xC000_0000;
    private const int PageShift = 12;

    /// <summary>Reads the recording.</summary>
    public static AddressTrace Read()
    {
        using Stream stored = typeof(RecordedAddresses).Assembly.GetManifestResourceStream("part.memtrace.gz")!;
        using Stream content = RecordedData.Open(stored);
        return AddressTrace.Read(content);
    }

    /// <summary>Mixes two streams: each address is of the page size that the recording has at its place, over and over.</summary>
    /// <param name="small">Addresses in 4-KiB pages.</param>
    /// <param name="large">As many in large pages.</param>
    /// <remarks>
    /// Of the recorded loads and stores three in four (14,012 of 18,817) go to the direct map, which Linux maps by large pages; nearly
    /// all others to the kmap window.
    /// </remarks>
    public static uint[] Mix(uint[] small, uint[] large)
    {
        bool[] isLarge = [.. Read().Records.ToArray().Where(IsData).Select(IsInDirectMap)];
        return [.. small.Select((address, i) => isLarge[i % isLarge.Length] ? large[i] : address)];
    }

    private static bool IsData(AddressRecord record) => record.Kind is AddressRecordKind.Load or AddressRecordKind.Store;

    private static bool IsInDirectMap(AddressRecord record) =>
        record.Linear >= DirectMapStart && record.Frame == (record.Linear - DirectMapStart) >> PageShift;
}
