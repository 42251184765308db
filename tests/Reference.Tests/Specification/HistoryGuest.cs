// Tables in which every stage of a change can be told from the others, for any small page:
//
//   directory entry     table entry     frame      may be answered while
//   Table, A            A               First      the page's translations have not been invalidated
//   Table, A            A               Second     the same
//   OtherTable, A       A               Third      always: it is what memory says
//   Table, A            A clear         Fourth     the directory entries for the page have not been invalidated

using X86Pae.Reference.Specification;

namespace X86Pae.Reference.Tests.Specification;

/// <summary>A processor of the specification in PAE or two-level paging, told of each change to its tables.</summary>
internal sealed class HistoryGuest
{
    public const uint First = 0x1_0000;
    public const uint Second = 0x2_0000;
    public const uint Third = 0x3_0000;
    public const uint Fourth = 0x4_0000;

    /// <summary>P, R/W, U/S and A.</summary>
    public const uint Flags = 0x27;
    public const uint Accessed = 0x20;
    public const uint Dirty = 0x40;
    public const uint LargePage = 0x80;
    public const uint Global = 0x100;

    public const uint Smap = 1u << 21;

    private const uint Pdpt = 0x1000;
    private const uint Directory = 0x2000;
    private const uint FirstTable = 0x8000; // region n: tables at 8000h + 2000h * n and at 9000h + 2000h * n
    private const uint CrPaging = 0x8000_0001;
    private const uint Pse = 1u << 4;
    private const uint Pae = 1u << 5;
    private const uint Pge = 1u << 7;

    private readonly SpecMemory _memory = new(0x2_0000, openBus: 0xFF);
    private readonly bool _pae;

    public HistoryGuest(bool pae = true, uint moreCr4 = 0)
    {
        _pae = pae;
        _memory.Store(Pdpt, 8, Directory | 1);
        Processor = new SpecProcessor(new SpecFeatures(40), new SpecOptions(), _memory);
        Processor.Write(SpecRegister.Cr4, Pge | moreCr4 | (pae ? Pae : Pse));
        Processor.Write(SpecRegister.Cr3, pae ? Pdpt : Directory);
        Processor.Write(SpecRegister.Cr0, CrPaging);
    }

    public static SpecAccess Read => new(SpecKind.Read, SpecMode.User, AlignmentCheck: false);

    public static SpecAccess Write => Read with { Kind = SpecKind.Write };

    public SpecProcessor Processor { get; }

    public static uint Table(uint region) => FirstTable + (0x2000 * region);

    public static uint OtherTable(uint region) => Table(region) + 0x1000;

    public uint Region(uint linear) => linear >> (_pae ? 21 : 22);

    public void PagingOff() => Processor.Write(SpecRegister.Cr0, 1);

    /// <summary>Everything cached is forgotten, so that what stands in memory is where a history begins.</summary>
    public void Begin()
    {
        Processor.MemoryChanged();
        Processor.FlushAll();
    }

    public void SetPde(uint linear, ulong entry) => Store(Directory, Region(linear), entry);

    public void SetPte(uint table, uint linear, ulong entry) => Store(table, (linear >> 12) & (_pae ? 511u : 1023), entry);

    /// <summary>The processor sees what memory has become.</summary>
    public void Observe() => Processor.MemoryChanged();

    /// <summary>Puts small pages through the changes at the head of this file.</summary>
    public void Change(uint more, params uint[] pages)
    {
        foreach (uint page in pages)
        {
            SetPde(page, Table(Region(page)) | Flags);
            SetPte(Table(Region(page)), page, First | Flags | more);
        }

        Begin();
        Array.ForEach(pages, page => SetPte(Table(Region(page)), page, Second | Flags | more));
        Observe();
        foreach (uint page in pages)
        {
            SetPde(page, OtherTable(Region(page)) | Flags);
            SetPte(OtherTable(Region(page)), page, Third | Flags | more);
        }

        Observe();
        Array.ForEach(pages, page => SetPte(Table(Region(page)), page, Fourth | (Flags & ~Accessed) | more));
        Observe();
    }

    public IReadOnlyList<SpecOutcome> Permitted(uint linear, SpecAccess? access = null)
    {
        List<SpecPermitted> permitted = [];
        Processor.Permitted(linear, access ?? Read, permitted);
        return [.. permitted.Select(way => way.Outcome).Distinct()];
    }

    /// <summary>The frames that an access may reach, memory's own first and the others in order; null for a page fault.</summary>
    public IEnumerable<uint?> Frames(uint linear, SpecAccess? access = null)
    {
        IEnumerable<uint?> frames = Permitted(linear, access)
            .Select(outcome => outcome.IsFault ? null : (uint?)(uint)(outcome.PhysicalAddress & ~0xFFFUL));
        return [frames.First(), .. frames.Skip(1).Order()];
    }

    private void Store(uint table, uint index, ulong entry) =>
        _memory.Store(table + ((_pae ? 8u : 4u) * index), _pae ? 8 : 4, entry);
}
