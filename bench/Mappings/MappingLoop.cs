using X86Pae.Bench.Simulation;
using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Smp;

namespace X86Pae.Bench.Mappings;

/// <summary>Pages mapped, touched and unmapped one at a time, by each CPU in turn.</summary>
/// <remarks>A CPU begins when the one before it is done, so no lock is ever contended; its line moves every time.</remarks>
internal abstract class MappingLoop
{
    /// <summary>Maps, reads eight bytes through the mapping, and unmaps, so many times.</summary>
    /// <param name="operations">How many times; a multiple of the number of CPUs, so that each run begins with the first.</param>
    /// <returns>What was read, so that the host cannot leave it out.</returns>
    public abstract ulong Run(int operations);

    /// <summary>What the machine has been charged so far.</summary>
    public abstract SimulatedTotals Totals { get; }
}

/// <summary>The loop over one strategy.</summary>
internal sealed class MappingLoop<TStrategy> : MappingLoop
    where TStrategy : struct, IMappingStrategy
{
    private const int LineSize = 64;
    private const int LinesPerPage = PageFrame.SizeInBytes / LineSize;

    private readonly GuestKernel _kernel;
    private readonly TStrategy _strategy;
    private readonly PageFrame[] _frames;
    private int _next;

    /// <summary>Prepares the pages: each has its number in the eight bytes that are read.</summary>
    /// <param name="kernel">A kernel that has just booted.</param>
    /// <param name="strategy">The strategy.</param>
    /// <param name="first">The first page.</param>
    /// <param name="pages">Number of pages, a power of two; they are mapped in an order that is random but fixed.</param>
    public MappingLoop(GuestKernel kernel, TStrategy strategy, PageFrame first, int pages)
    {
        _kernel = kernel;
        _strategy = strategy;
        _frames = new PageFrame[pages];
        for (int i = 0; i < pages; i++)
        {
            _frames[i] = new PageFrame(first.Number + (ulong)i);
            new RamBus(kernel.Machine.Memory).Store(_frames[i].PhysicalAddress + TouchedOffset(_frames[i]), _frames[i].Number);
        }

        new Random(2026).Shuffle(_frames);
    }

    /// <inheritdoc/>
    public override SimulatedTotals Totals =>
        SimulatedTotals.Of(_kernel.Machine, _kernel.Counts.EntryStores + _kernel.Counts.EntryExchanges);

    /// <inheritdoc/>
    public override ulong Run(int operations)
    {
        ReadOnlySpan<Processor> processors = _kernel.Machine.Processors;
        Processor previous = processors[^1];
        Access access = Access.SupervisorRead;
        ulong digest = 0;
        for (int i = 0; i < operations; i++)
        {
            Processor processor = processors[i % processors.Length];
            processor.Clock.IdleUntil(previous.Clock.Now);
            previous = processor;

            PageFrame frame = _frames[_next++ & (_frames.Length - 1)];
            uint address = _strategy.Map(processor, frame).Address;
            AccessResult result = processor.Mmu.Read(address + TouchedOffset(frame), access, out ulong number);
            if (result.IsFault || number != frame.Number || _strategy.Unmap(processor, frame, address) != UnmapStatus.Unmapped)
            {
                throw new InvalidOperationException($"{TStrategy.Name} did not map page {frame.Number:X}h at {address:X8}h.");
            }

            digest ^= number;
        }

        return digest;
    }

    /// <summary>Another line every 64 pages, so that not all pages compete for a few sets of a cache.</summary>
    private static uint TouchedOffset(PageFrame frame) => (uint)(frame.Number / LinesPerPage % LinesPerPage) * LineSize;
}
