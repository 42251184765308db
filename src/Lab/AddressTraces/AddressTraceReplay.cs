using System.Collections;
using X86Pae.Memory;
using X86Pae.Timing;

namespace X86Pae.Lab.AddressTraces;

/// <summary>Replays the accesses of an <see cref="AddressTrace"/> on processors of a CPU model.</summary>
/// <remarks>
/// <para>What the recording does not show is decided so:</para>
/// <list type="bullet">
/// <item>Each recorded CPU is a processor of its own, with its own page tables and data caches; all pages are 4 KiB.</item>
/// <item>A page is mapped when it appears first, to the recorded frame. A fetch, and any access without a frame, uses the frame that
/// the page has; a page that has none yet gets one that the recording never names.</item>
/// <item>When the recording shows another frame, the entry is rewritten and the page dropped from the TLBs of that CPU, free of
/// charge: the flush that the recorded kernel made has its own mark.</item>
/// <item>INVLPG marks carry no address. They cost INVLPG and drop the PDE cache, and no translation.</item>
/// <item>A CR3 mark loads the same tables again, which drops what is not global; a CR4 mark toggles PGE, which drops everything.</item>
/// <item>Pages from C0000000h on are global. A and D are set everywhere beforehand.</item>
/// <item>Tables and unknown pages have the lowest frames, from 1, that the recording never names, in the order in which they are
/// needed: for each CPU, when it appears, the page-directory-pointer table and four directories; then a table before its first page.
/// </item>
/// <item>A load or store touches one line of the data caches; a fetch none, as instruction caches are not modelled.</item>
/// </list>
/// </remarks>
public sealed class AddressTraceReplay
{
    private const ulong MemoryInBytes = (ulong)AddressRecord.UnknownFrame << 12; // a table may be in any frame
    private const int MaxProcessors = 32;
    private const int Pages = 1 << 20;

    private readonly AddressTrace _trace;
    private readonly CpuModel _model;
    private readonly UnusedFrames _unused;
    private readonly GuestMemory _memory = new(MemoryInBytes);
    private readonly TracedProcessor?[] _processors = new TracedProcessor?[MaxProcessors];
    private readonly uint _unusedPage;

    /// <summary>Prepares a replay; nothing is mapped yet.</summary>
    /// <param name="trace">The accesses.</param>
    /// <param name="model">Geometry and costs of every processor.</param>
    public AddressTraceReplay(AddressTrace trace, CpuModel model)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(model);
        _trace = trace;
        _model = model;
        _unused = new UnusedFrames(trace.MarkFrames());
        _unusedPage = FindUnusedPage(trace);
    }

    /// <summary>Replays all records once; a second time begins with what the first has left behind.</summary>
    /// <exception cref="InvalidDataException">The trace names every page frame, so that there is no room for page tables.</exception>
    public void Run()
    {
        foreach (AddressRecord record in _trace.Records)
        {
            (_processors[record.Cpu] ?? Create(record.Cpu)).Take(record);
        }
    }

    /// <summary>What each processor that appeared has done so far, by its number in the recording.</summary>
    public IReadOnlyDictionary<int, TracedCounts> Collect() =>
        _processors.Where(processor => processor is not null).ToDictionary(processor => processor!.Cpu, processor => processor!.Collect());

    /// <summary>The highest linear page that no record touches, or 0 if there is none.</summary>
    private static uint FindUnusedPage(AddressTrace trace)
    {
        var touched = new BitArray(Pages);
        foreach (AddressRecord record in trace.Records)
        {
            touched[(int)(record.Linear >> 12)] = true;
        }

        int page = Pages - 1;
        while (page > 0 && touched[page])
        {
            page--;
        }

        return (uint)page;
    }

    private TracedProcessor Create(int cpu)
    {
        var processor = new TracedProcessor(cpu, _model, _memory, _unused, _unusedPage);
        _processors[cpu] = processor;
        return processor;
    }
}
