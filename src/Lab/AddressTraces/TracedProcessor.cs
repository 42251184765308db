// The page tables of a processor whose accesses were recorded are not recorded: they are built as its pages appear.
//
//   four directories  <- PDPT; made with the processor
//   a page table      <- with the first page of its 2 MiB
//   a PTE             <- with the first access to the page, and again when the recording shows another frame
//
//   All entries have A, the leaves D as well, so that no access is charged for setting them: which ones the recorded accesses
//   set is not known. Pages from C0000000h on, the kernel's, are global.

using System.Runtime.CompilerServices;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Lab.AddressTraces;

/// <summary>One processor of an <see cref="AddressTraceReplay"/>: its MMU, its clock, and its page tables so far.</summary>
internal sealed class TracedProcessor
{
    private const int PageShift = 12;
    private const uint FirstGlobalPage = 0xC_0000;
    private const uint Mapped = 1 << 24;
    private const uint FrameKnown = 1 << 25;
    private const ulong TableFlags = EntryBits.Present | EntryBits.Writable | EntryBits.User | EntryBits.Accessed;
    private const ulong LeafFlags = TableFlags | EntryBits.Dirty;

    // By kind of record.
    private static readonly Access[] Accesses = [Access.SupervisorFetch, Access.SupervisorRead, Access.SupervisorWrite];

    private readonly RamBus _bus;
    private readonly UnusedFrames _unused;
    private readonly uint _unusedPage;
    private readonly CycleTiming _timing;
    private readonly Mmu<RamBus, CycleTiming> _mmu;
    private readonly uint[] _pages = new uint[1 << (32 - PageShift)]; // frame, Mapped, FrameKnown; 0 for a page not seen yet
    private readonly ulong[] _tables = new ulong[1 << 11]; // physical addresses by 2 MiB; 0 for none yet
    private readonly ulong[] _directories = new ulong[4];
    private readonly long[] _accesses = new long[3];
    private readonly long _cyclesBefore;
    private readonly CycleAccounts _accountsBefore;
    private long _pagesMapped;
    private long _framesChanged;

    /// <summary>Creates a processor with paging on and nothing mapped; its page-directory-pointer table has been read.</summary>
    /// <param name="cpu">Its number in the recording.</param>
    /// <param name="model">Its geometry and costs.</param>
    /// <param name="memory">Room for tables in every frame.</param>
    /// <param name="unused">Where tables take their frames from.</param>
    /// <param name="unusedPage">Number of a linear page that the recording never touches: what an INVLPG mark drops.</param>
    /// <exception cref="InvalidDataException">The recording leaves no frame for its tables.</exception>
    public TracedProcessor(int cpu, CpuModel model, GuestMemory memory, UnusedFrames unused, uint unusedPage)
    {
        Cpu = cpu;
        Clock = new ProcessorClock(model);
        _bus = new RamBus(memory);
        _unused = unused;
        _unusedPage = unusedPage;
        _timing = new CycleTiming(Clock);
        _mmu = new Mmu<RamBus, CycleTiming>(_bus, _timing, CpuFeatures.Pae36, model.Tlbs);
        ulong pdpt = TakeFrame();
        if (pdpt > uint.MaxValue)
        {
            throw new InvalidDataException("the trace names every page frame below 4 GiB, where CR3 can point to");
        }

        for (int i = 0; i < _directories.Length; i++)
        {
            _directories[i] = TakeFrame();
            _bus.Store(pdpt + (8 * (ulong)i), _directories[i] | EntryBits.Present);
        }

        _mmu.WriteCr3((uint)pdpt);
        _mmu.WriteCr4((uint)(Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable));
        _mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.WriteProtect | Cr0.Paging));
        _cyclesBefore = Clock.Now;
        _accountsBefore = Clock.Accounts;
        Clock.ResetCounts();
    }

    /// <summary>Number of the processor in the recording.</summary>
    public int Cpu { get; }

    private ProcessorClock Clock { get; }

    /// <summary>Makes a recorded access, or what a mark says.</summary>
    /// <param name="record">A record of this processor.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the inner step of a replay
    public void Take(AddressRecord record)
    {
        AddressRecordKind kind = record.Kind;
        if (kind > AddressRecordKind.Store)
        {
            TakeMark(kind);
            return;
        }

        uint linear = record.Linear;
        uint frame = record.Frame;
        uint held = _pages[linear >> PageShift];
        if (held != (frame | Mapped | FrameKnown) && (held == 0 || frame != AddressRecord.UnknownFrame))
        {
            Map(linear >> PageShift, frame);
        }

        _accesses[(int)kind]++;
        WalkResult result = _mmu.Translate(linear, Accesses[(int)kind]);
        if (kind != AddressRecordKind.Fetch)
        {
            _timing.DataAccessed(result.PhysicalAddress, isCached: true);
        }
    }

    /// <summary>What the processor has done since it was created.</summary>
    public TracedCounts Collect()
    {
        CycleAccounts accounts = Clock.Accounts;
        return new TracedCounts
        {
            Fetches = _accesses[(int)AddressRecordKind.Fetch],
            Loads = _accesses[(int)AddressRecordKind.Load],
            Stores = _accesses[(int)AddressRecordKind.Store],
            PagesMapped = _pagesMapped,
            FramesChanged = _framesChanged,
            Events = Clock.Counts,
            Cycles = Clock.Now - _cyclesBefore,
            DataCycles = accounts[CycleAccount.Work] - _accountsBefore[CycleAccount.Work],
            RefillCycles = accounts[CycleAccount.Refill] - _accountsBefore[CycleAccount.Refill],
            FlushCycles = accounts[CycleAccount.Flush] - _accountsBefore[CycleAccount.Flush],
        };
    }

    private ulong TakeFrame() => (ulong)_unused.Take() << PageShift;

    [MethodImpl(MethodImplOptions.NoInlining)] // once for most pages
    private void Map(uint page, uint frame)
    {
        bool changed = _pages[page] != 0;
        ref ulong table = ref _tables[page >> 9];
        if (table == 0)
        {
            table = TakeFrame();
            _bus.Store(_directories[page >> 18] + (8 * ((page >> 9) & 511)), table | TableFlags);
        }

        bool known = frame != AddressRecord.UnknownFrame;
        frame = known ? frame : _unused.Take();
        _pages[page] = frame | Mapped | (known ? FrameKnown : 0);
        _bus.Store(
            table + (8 * (page & 511)),
            ((ulong)frame << PageShift) | LeafFlags | (page >= FirstGlobalPage ? EntryBits.Global : 0));
        if (changed)
        {
            // The recorded kernel has flushed it, where the marks are.
            _mmu.DropPage(page << PageShift);
            _framesChanged++;
        }
        else
        {
            _pagesMapped++;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // marks are rare
    private void TakeMark(AddressRecordKind kind)
    {
        switch (kind)
        {
            case AddressRecordKind.MovCr3:
                _mmu.WriteCr3(_mmu.Cr3);
                break;
            case AddressRecordKind.Invlpg:
                _mmu.Invlpg(_unusedPage << PageShift);
                break;
            case AddressRecordKind.MovCr4:
                _mmu.WriteCr4((uint)(_mmu.Cr4 ^ Cr4.PageGlobalEnable));
                break;
        }
    }
}
