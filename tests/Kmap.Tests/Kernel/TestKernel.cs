using X86Pae.Kmap.Kernel;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Kmap.Tests.Kernel;

/// <summary>A booted kernel, with a look at guest memory that goes round every MMU.</summary>
internal sealed class TestKernel
{
    private const ulong StampSalt = 0xD6E8_FEB8_6659_FD93;

    private readonly RamBus _memory;

    public TestKernel(int processors = 4, TlbConfiguration? tlbs = null, KernelLayout? layout = null)
    {
        CpuModel model = tlbs is null ? CpuModels.CoreDuo : CpuModels.CoreDuo with { Tlbs = tlbs };
        Machine = new Machine(model, CpuFeatures.Pae36 with { Nx = true }, processors, 64UL << 30);
        Kernel = new GuestKernel(Machine, layout ?? new KernelLayout());
        _memory = new RamBus(Machine.Memory);
    }

    public Machine Machine { get; }

    public GuestKernel Kernel { get; }

    public KernelLayout Layout => Kernel.Layout;

    public Events Events
    {
        get
        {
            EventCounts sum = default;
            foreach (Processor processor in Machine.Processors)
            {
                sum.Add(processor.Clock.Counts);
            }

            KernelCounts counts = Kernel.Counts;
            return new Events(
                counts.EntryStores,
                counts.EntryExchanges,
                sum.Invlpgs,
                sum.IpisSent,
                sum.IpisHandled,
                counts.FullFlushes,
                sum.Cr4Writes);
        }
    }

    /// <summary>Page n of high memory, from 4 GiB.</summary>
    public static PageFrame High(int n) => new(0x10_0000 + (ulong)n);

    public Processor Cpu(int n) => Machine.Processors[n];

    /// <summary>What happened since a moment.</summary>
    public Events Since(Events before) => Events - before;

    /// <summary>Physical address of the page-table entry of a linear address, found from CR3 by hand.</summary>
    public ulong EntryAddress(uint linear) =>
        (Load(DirectoryEntryAddress(linear)) & EntryBits.Frame) + (8 * ((linear >> 12) & 511));

    public ulong DirectoryEntryAddress(uint linear)
    {
        ulong pdpte = Load((Cpu(0).Mmu.Cr3 & ~31u) + (8 * (linear >> 30)));
        return (pdpte & EntryBits.Frame) + (8 * ((linear >> 21) & 511));
    }

    public ulong Entry(uint linear) => Load(EntryAddress(linear));

    public ulong Load(ulong physical) => _memory.Load<ulong>(physical);

    public uint Load32(ulong physical) => _memory.Load<uint>(physical);

    public void Store(ulong physical, ulong value) => _memory.Store(physical, value);

    /// <summary>Writes a value of its own into a page's first and last eight bytes.</summary>
    public void Stamp(PageFrame frame)
    {
        Store(frame.PhysicalAddress, StampOf(frame));
        Store(frame.PhysicalAddress + 4088, StampOf(frame));
    }

    public static ulong StampOf(PageFrame frame) => (frame.Number + 1) * StampSalt;

    /// <summary>Eight bytes as a CPU reads them, or null for a page fault.</summary>
    public ulong? Read(int cpu, uint linear) =>
        Cpu(cpu).Mmu.Read(linear, Access.SupervisorRead, out ulong value).IsFault ? null : value;

    /// <summary>Whether a CPU finds the page's bytes at an address.</summary>
    public bool Reads(int cpu, uint linear, PageFrame frame) =>
        Read(cpu, linear) == StampOf(frame) && Read(cpu, (linear | 0xFFF) - 7) == StampOf(frame);

    public static ulong EntryFor(PageFrame frame) => frame.PhysicalAddress | 0x8000_0000_0000_0163;
}

/// <summary>What all CPUs have done: 32-bit entry stores, CMPXCHG8Bs, INVLPGs, IPIs, full flushes, writes to CR4.</summary>
internal readonly record struct Events(
    long Stores, long Exchanges = 0, long Invlpgs = 0, long Sent = 0, long Handled = 0, long FullFlushes = 0, long Cr4Writes = 0)
{
    public static Events operator -(Events left, Events right) => new(
        left.Stores - right.Stores,
        left.Exchanges - right.Exchanges,
        left.Invlpgs - right.Invlpgs,
        left.Sent - right.Sent,
        left.Handled - right.Handled,
        left.FullFlushes - right.FullFlushes,
        left.Cr4Writes - right.Cr4Writes);
}
