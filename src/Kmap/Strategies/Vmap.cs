// vmap and vunmap of single pages. Linux 6.12 mm/vmalloc.c; lazy flushing since 2.6.28.
//
//   map      take a run of n + 1 pages of the vmalloc area (one is a guard), write the entries; no flush: the addresses are
//            in no TLB
//   unmap    clear the entries by locked exchanges and put the run on the lazy list; no flush, so a stale translation stays
//            usable and the addresses must not be used again
//   purge    when more than lazy_max_pages are on the list, or the area is exhausted: one flush of the range they span, on
//            all CPUs, and only then are they free
//
//   lazy_max_pages = fls(online CPUs) * 32 MiB. The drain is queued to a worker in the kernel; here it runs on the CPU that
//   queued it, right after the unmap.

using X86Pae.Kmap.Kernel;
using X86Pae.Smp;

namespace X86Pae.Kmap.Strategies;

/// <summary>vmap: an address of its own for each mapping, flushed lazily in bulk.</summary>
public readonly struct Vmap : IMappingStrategy
{
    private readonly VmallocArea _area;

    /// <summary>Creates an empty vmalloc area.</summary>
    /// <param name="kernel">The kernel.</param>
    public Vmap(GuestKernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        _area = new VmallocArea(kernel);
    }

    /// <inheritdoc/>
    public static string Name => "vmap";

    /// <inheritdoc/>
    public static MappingContract Contract => MappingContract.None;

    /// <inheritdoc/>
    /// <remarks>Unlike the other strategies vmap maps low memory as well: its callers want an address of their own.</remarks>
    public MapOutcome Map(Processor processor, PageFrame frame) => MapPages(processor, [frame]);

    /// <inheritdoc/>
    public UnmapStatus Unmap(Processor processor, PageFrame frame, uint address)
    {
        ArgumentNullException.ThrowIfNull(processor);
        return _area.Unmap(processor, address);
    }

    /// <summary>Maps several pages at consecutive addresses.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="frames">The pages, at least one.</param>
    /// <returns>The address of the first; unmapped as a whole by that address.</returns>
    /// <exception cref="ArgumentException"><paramref name="frames"/> is empty.</exception>
    public MapOutcome MapPages(Processor processor, ReadOnlySpan<PageFrame> frames)
    {
        ArgumentNullException.ThrowIfNull(processor);
        if (frames.IsEmpty)
        {
            throw new ArgumentException("vmap maps at least one page.", nameof(frames));
        }

        return _area.Map(processor, frames);
    }

    /// <summary>Flushes and frees everything on the lazy list (vm_unmap_aliases, as far as vmap goes).</summary>
    /// <param name="processor">The CPU.</param>
    public void Purge(Processor processor)
    {
        ArgumentNullException.ThrowIfNull(processor);
        _area.Purge(processor);
    }

    /// <inheritdoc/>
    public void SwitchOut(Processor processor, KernelTask task)
    {
        // The mappings are global: they stay as they are.
    }

    /// <inheritdoc/>
    public void SwitchIn(Processor processor, KernelTask task)
    {
    }
}
