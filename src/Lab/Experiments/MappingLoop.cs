using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Smp;

namespace X86Pae.Lab.Experiments;

/// <summary>Pages mapped, read and unmapped one at a time, by each CPU in turn: the inner loop of a benchmark of a strategy.</summary>
/// <remarks>
/// A CPU begins when the one before it is done, so no lock is ever contended; its line moves every time. The loop allocates
/// nothing, and calls nothing virtual for a mapping: it is compiled for the strategy's type.
/// </remarks>
public abstract class MappingLoop
{
    private protected MappingLoop(GuestKernel kernel)
    {
        Kernel = kernel;
    }

    /// <summary>Prepares a loop.</summary>
    /// <typeparam name="TStrategy">The strategy.</typeparam>
    /// <param name="kernel">A kernel that has just booted.</param>
    /// <param name="strategy">The strategy, created on this kernel.</param>
    /// <param name="pages">The pages in the order in which they are mapped, over and over; a power of two of them.</param>
    /// <exception cref="ArgumentException">The number of pages is no power of two.</exception>
    public static MappingLoop Of<TStrategy>(GuestKernel kernel, TStrategy strategy, IReadOnlyList<TouchedPage> pages)
        where TStrategy : struct, IMappingStrategy
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(pages);
        return int.IsPow2(pages.Count)
            ? new MappingLoop<TStrategy>(kernel, strategy, [.. pages])
            : throw new ArgumentException($"The number of pages is no power of two: {pages.Count}.", nameof(pages));
    }

    /// <summary>The kernel, whose machine has the clocks and counts.</summary>
    public GuestKernel Kernel { get; }

    /// <summary>What the machine has taken since boot; see <see cref="MappingCost.Since"/>.</summary>
    public MappingCost Cost => MappingCost.SinceBoot(Kernel, Maps);

    /// <summary>Mappings so far.</summary>
    private protected int Maps { get; set; }

    /// <summary>Maps, reads eight bytes through the mapping, and unmaps, so many times; the first CPU begins.</summary>
    /// <param name="operations">How many times.</param>
    /// <returns>A digest of what was read, so that the host cannot leave the reads out.</returns>
    /// <exception cref="InvalidOperationException">The strategy did not map a page, mapped another one, or did not unmap it.</exception>
    public abstract ulong Run(int operations);
}

/// <summary>A page, and where it is read while it is mapped.</summary>
/// <param name="Frame">The page.</param>
/// <param name="Offset">Offset of the eight bytes in the page, a multiple of 8.</param>
public readonly record struct TouchedPage(PageFrame Frame, uint Offset)
{
    private const int LineSize = 64;
    private const int LinesPerPage = PageFrame.SizeInBytes / LineSize;
    private const int Seed = 2026;

    /// <summary>Consecutive pages in a random but fixed order.</summary>
    /// <param name="first">The first page, such as 100000h for high memory from 4 GiB.</param>
    /// <param name="count">How many.</param>
    /// <remarks>Another line every 64 pages, so that not all pages compete for a few sets of a data cache.</remarks>
    public static TouchedPage[] Shuffled(PageFrame first, int count)
    {
        TouchedPage[] pages = From(first, count, frame => frame.Number / LinesPerPage);
        new Random(Seed).Shuffle(pages);
        return pages;
    }

    /// <summary>Consecutive pages in order, each read one line further than the one before.</summary>
    /// <param name="first">The first page.</param>
    /// <param name="count">How many.</param>
    public static TouchedPage[] InOrder(PageFrame first, int count) => From(first, count, frame => frame.Number);

    private static TouchedPage[] From(PageFrame first, int count, Func<PageFrame, ulong> line)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var pages = new TouchedPage[count];
        for (int i = 0; i < count; i++)
        {
            var frame = new PageFrame(first.Number + (ulong)i);
            pages[i] = new TouchedPage(frame, (uint)(line(frame) % LinesPerPage) * LineSize);
        }

        return pages;
    }
}

/// <summary>The loop over one strategy.</summary>
internal sealed class MappingLoop<TStrategy> : MappingLoop
    where TStrategy : struct, IMappingStrategy
{
    private readonly TStrategy _strategy;
    private readonly TouchedPage[] _pages;
    private int _next;

    /// <summary>Writes each page's number into the eight bytes that are read.</summary>
    public MappingLoop(GuestKernel kernel, TStrategy strategy, TouchedPage[] pages)
        : base(kernel)
    {
        _strategy = strategy;
        _pages = pages;
        var memory = new RamBus(kernel.Machine.Memory);
        foreach (TouchedPage page in pages)
        {
            memory.Store(page.Frame.PhysicalAddress + page.Offset, page.Frame.Number);
        }
    }

    /// <inheritdoc/>
    public override ulong Run(int operations)
    {
        ReadOnlySpan<Processor> processors = Kernel.Machine.Processors;
        Processor previous = processors[^1];
        Access access = Access.SupervisorRead;
        ulong digest = 0;
        for (int i = 0; i < operations; i++)
        {
            Processor processor = processors[i % processors.Length];
            processor.Clock.IdleUntil(previous.Clock.Now);
            previous = processor;

            TouchedPage page = _pages[_next++ & (_pages.Length - 1)];
            uint address = _strategy.Map(processor, page.Frame).Address;
            AccessResult result = processor.Mmu.Read(address + page.Offset, access, out ulong number);
            if (result.IsFault || number != page.Frame.Number
                || _strategy.Unmap(processor, page.Frame, address) != UnmapStatus.Unmapped)
            {
                throw new InvalidOperationException(
                    $"{TStrategy.Name} did not map page {page.Frame.Number:X}h at {address:X8}h, or did not unmap it.");
            }

            digest ^= number;
        }

        Maps += operations;
        return digest;
    }
}
