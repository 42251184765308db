// A page that is remapped again and again while every processor uses it. Version v is in frame v mod 4 of the page's own:
//
//   frame   0          8 .. 63   64 + 8n
//          +----------+---------+------------------------------+
//          | tag      |         | last word that CPU n stored  |      tag: page in 63:48, version in 47:0
//          +----------+---------+------------------------------+
//
//   Both halves of the frame's address differ from version to version, so that half an old and half a new entry lead to a
//   frame that belongs to nobody and holds 0.

using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.HostThreads;

/// <summary>One page of a stressed guest: who may see which version, and what must not change any more.</summary>
internal sealed class StressPage
{
    private const int Frames = 4;
    private const ulong Accessed = 0x20;
    private const ulong Dirty = 0x40;
    private const ulong Writable = 2;
    private const int SoftwareShift = 9; // three bits that hardware ignores
    private const ulong Software = 7UL << SoftwareShift;

    private readonly RamBus _memory;
    private readonly int _index;
    private readonly int _cpus;
    private readonly ulong _flags;
    private readonly ulong[] _retired; // what the CPUs had stored into the last frame when it was shot down
    private ulong _software; // what the software bits of the entry must be
    private long _newest; // version that the entry has, or is about to get
    private long _oldest; // version below which nobody may be any more
    private int _busy;

    public StressPage(GuestMemory memory, int index, int cpus)
    {
        _memory = new RamBus(memory);
        _index = index;
        _cpus = cpus;
        _retired = new ulong[cpus];
        _flags = 7 | (IsGlobal ? StaleGuest.Global : 0);
        Prepare(0);
        _memory.Store(Pte, Entry(0));
    }

    public bool IsGlobal => _index % 2 != 0;

    public uint Linear => (uint)(16 + _index) << 12;

    private ulong Pte => StaleGuest.Table + (8 * (Linear >> 12));

    /// <summary>Reads the tag through an MMU: it must be that of a version nobody has shot down before the read began.</summary>
    public void Read(Mmu<RamBus, NoTiming> mmu)
    {
        long oldest = Volatile.Read(ref _oldest);
        AccessResult result = mmu.Read(Linear, Access.UserRead, out ulong tag);
        long newest = Volatile.Read(ref _newest);

        Check(!result.IsFault, "a read faulted");
        Check(tag >> 48 == (ulong)_index + 1, $"a read reached a frame of another page, tag {tag:X}");
        long version = (long)(tag & 0xFFFF_FFFF_FFFF);
        Check(version >= oldest, $"a read reached version {version}, which was shot down: {oldest} is the oldest");
        Check(version <= newest, $"a read reached version {version}, and {newest} is the newest");
    }

    /// <summary>Stores a word of a CPU's own; faults only because the page is write-protected.</summary>
    /// <returns>Whether it was stored.</returns>
    public bool Write(Mmu<RamBus, NoTiming> mmu, int cpu, ulong value)
    {
        AccessResult result = mmu.Write(Linear + SlotOf(cpu), Access.UserWrite, value);
        const PageFaultErrorCode Protected = PageFaultErrorCode.Present | PageFaultErrorCode.Write | PageFaultErrorCode.User;
        Check(!result.IsFault || result.Fault.ErrorCode == Protected, $"a store faulted with {result.Fault.ErrorCode}");
        return !result.IsFault;
    }

    /// <summary>Changes the mapping and shoots the old one down, unless another CPU is at it.</summary>
    /// <param name="shootDown">Returns when no CPU can use what it had cached of the page.</param>
    /// <param name="protect">Whether to write-protect the page for a while, not to move it to another frame.</param>
    /// <param name="wait">Lets the other CPUs run.</param>
    public void Edit(Action shootDown, bool protect, Action wait)
    {
        if (Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            return;
        }

        if (protect)
        {
            Protect(shootDown, wait);
        }
        else
        {
            Move(shootDown);
        }

        Volatile.Write(ref _busy, 0);
    }

    /// <summary>Checks, when all has come to rest, what nobody has checked yet.</summary>
    public void CheckAtRest()
    {
        CheckRetiredFrame();
        ulong[] stored = new ulong[_cpus];
        CopySlots(_newest, stored);
        CheckFlags(_memory.LoadEntry64(Pte), stored);
    }

    private static uint SlotOf(int cpu) => 64 + (8 * (uint)cpu);

    private static void Check(bool condition, string failure) => Assert.True(condition, failure);

    private ulong FrameOf(long version)
    {
        ulong slot = (ulong)version % Frames;
        return ((slot + 1) << 32) | ((((ulong)_index * Frames) + slot + 256) << 12);
    }

    private ulong Entry(long version) => FrameOf(version) | _flags;

    private void Move(Action shootDown)
    {
        CheckRetiredFrame();
        long version = _newest + 1;
        Prepare(version);
        Volatile.Write(ref _newest, version);
        ulong before = Exchange(_ => Entry(version));
        CheckEntry(before, Entry(version - 1));

        shootDown();

        Volatile.Write(ref _oldest, version);
        CopySlots(version - 1, _retired);
        Check(_retired.All(word => word == 0) || (before & (Accessed | Dirty)) == (Accessed | Dirty), $"stored to, but the entry was {before:X}");
        CountInSoftwareBits();
    }

    /// <summary>Edits the new entry while the other CPUs set A and D in it: neither may undo the other.</summary>
    private void CountInSoftwareBits()
    {
        _software = 0;
        for (ulong count = 1; count < 8; count++)
        {
            CheckEntry(Exchange(entry => (entry & ~Software) | (count << SoftwareShift)), Entry(_newest));
            _software = count << SoftwareShift;
            Thread.SpinWait(20);
        }
    }

    private void Protect(Action shootDown, Action wait)
    {
        Exchange(entry => entry & ~Writable);

        shootDown();

        ulong[] first = new ulong[_cpus];
        ulong[] second = new ulong[_cpus];
        CopySlots(_newest, first);
        wait();
        CopySlots(_newest, second);
        Check(first.SequenceEqual(second), "a store reached a page that is write-protected everywhere");
        ulong entry = Exchange(before => before | Writable);
        CheckFlags(entry, second); // later stores may set D after this
        CheckEntry(entry, Entry(_newest) & ~Writable);
    }

    private void CheckEntry(ulong entry, ulong expected) => Check(
        (entry & ~(Accessed | Dirty)) == (expected | _software), $"the entry is {entry:X}, not {expected | _software:X}: an update was lost");

    /// <summary>Edits the entry as a kernel does, by a locked operation that keeps what the processors set meanwhile.</summary>
    private ulong Exchange(Func<ulong, ulong> edit)
    {
        ulong entry;
        do
        {
            entry = _memory.LoadEntry64(Pte);
        }
        while (_memory.UpdateEntry64(Pte, entry, edit(entry)) != EntryUpdate.Done);
        return entry;
    }

    private void Prepare(long version)
    {
        ulong frame = FrameOf(version);
        for (int cpu = 0; cpu < _cpus; cpu++)
        {
            _memory.Store(frame + SlotOf(cpu), 0UL);
        }

        _memory.Store(frame, (((ulong)_index + 1) << 48) | (ulong)version);
    }

    private static void CheckFlags(ulong entry, ulong[] stored) => Check(
        stored.All(word => word == 0) || (entry & (Accessed | Dirty)) == (Accessed | Dirty), $"stored to, but the entry is {entry:X}");

    private void CheckRetiredFrame()
    {
        if (_newest > 0)
        {
            ulong[] now = new ulong[_cpus];
            CopySlots(_newest - 1, now);
            Check(now.SequenceEqual(_retired), "a store reached a frame after it was shot down");
        }
    }

    private void CopySlots(long version, ulong[] words)
    {
        for (int cpu = 0; cpu < _cpus; cpu++)
        {
            words[cpu] = _memory.Load<ulong>(FrameOf(version) + SlotOf(cpu));
        }
    }
}
