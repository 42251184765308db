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

using System.Numerics;
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

/// <summary>State of the vmalloc area.</summary>
internal sealed class VmallocArea
{
    private const int LazyPagesPerStep = (32 << 20) / PageFrame.SizeInBytes;

    private readonly GuestKernel _kernel;
    private readonly VmallocSpace _space;
    private readonly KernelSpinLock _freeLock; // free_vmap_area_lock
    private readonly KernelSpinLock _busyLock; // vmap_node.busy.lock
    private readonly KernelSpinLock _lazyLock; // vmap_node.lazy.lock
    private readonly KernelSpinLock _purgeLock; // vmap_purge_lock, a mutex; nobody sleeps on it here
    private readonly int[] _lengths; // pages of the area that starts at each page, guard included; 0 where none does
    private readonly int[] _lazy;
    private readonly int _lazyMaxPages;
    private int _lazyAreas;
    private int _lazyPages; // vmap_lazy_nr
    private int _busyAreas;

    /// <summary>Creates an empty area.</summary>
    /// <param name="kernel">The kernel.</param>
    public VmallocArea(GuestKernel kernel)
    {
        _kernel = kernel;
        _freeLock = new KernelSpinLock(kernel);
        _busyLock = new KernelSpinLock(kernel);
        _lazyLock = new KernelSpinLock(kernel);
        _purgeLock = new KernelSpinLock(kernel);
        int pages = (int)((kernel.Layout.VmallocEnd - kernel.Layout.VmallocStart) / PageFrame.SizeInBytes);
        _space = new VmallocSpace(pages);
        _lengths = new int[pages];
        _lazy = new int[pages];
        _lazyMaxPages = (BitOperations.Log2((uint)kernel.Machine.Processors.Length) + 1) * LazyPagesPerStep;
    }

    /// <summary>vmap.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="frames">The pages.</param>
    public MapOutcome Map(Processor processor, ReadOnlySpan<PageFrame> frames)
    {
        int start = Take(processor, frames.Length + 1);
        if (start < 0)
        {
            Purge(processor);
            start = Take(processor, frames.Length + 1);
            if (start < 0)
            {
                return MapOutcome.Failed(MapStatus.Exhausted);
            }
        }

        _lengths[start] = frames.Length + 1;
        _busyLock.Lock(processor);
        ChargeTree(processor, _busyAreas++);
        _busyLock.Unlock(processor);

        uint address = Address(start);
        for (int i = 0; i < frames.Length; i++)
        {
            uint page = address + ((uint)i * PageFrame.SizeInBytes);
            _kernel.SetEntry(processor, page, frames[i].PhysicalAddress | GuestKernel.KmapProtection);
        }

        return MapOutcome.At(address);
    }

    /// <summary>vunmap.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="address">Any address in the first page.</param>
    public UnmapStatus Unmap(Processor processor, uint address)
    {
        int start = (int)((address - _kernel.Layout.VmallocStart) / PageFrame.SizeInBytes);
        if ((uint)start >= (uint)_lengths.Length || _lengths[start] <= 0)
        {
            return UnmapStatus.Bug;
        }

        int length = _lengths[start];
        _busyLock.Lock(processor);
        ChargeTree(processor, _busyAreas--);
        _busyLock.Unlock(processor);
        for (int i = 0; i < length - 1; i++)
        {
            _kernel.ExchangeEntry(processor, Address(start + i), 0);
        }

        _lazyLock.Lock(processor);
        ChargeTree(processor, _lazyAreas);
        _lengths[start] = -length; // on the lazy list: no longer to be unmapped, not yet free
        _lazy[_lazyAreas++] = start;
        _lazyPages += length;
        _lazyLock.Unlock(processor);
        if (_lazyPages > _lazyMaxPages)
        {
            Purge(processor);
        }

        return UnmapStatus.Unmapped;
    }

    /// <summary>__purge_vmap_area_lazy: flush the range the lazy areas span, then free them.</summary>
    /// <param name="processor">The CPU.</param>
    public void Purge(Processor processor)
    {
        if (_lazyAreas == 0)
        {
            return;
        }

        _purgeLock.Lock(processor);
        int first = int.MaxValue;
        int end = 0;
        foreach (int start in _lazy.AsSpan(0, _lazyAreas))
        {
            first = Math.Min(first, start);
            end = Math.Max(end, start - _lengths[start]);
        }

        _kernel.ChargeProbes(processor, _lazyAreas);
        _kernel.FlushTlbKernelRange(processor, Address(first), Address(end));

        _freeLock.Lock(processor);
        foreach (int start in _lazy.AsSpan(0, _lazyAreas))
        {
            ChargeTree(processor, _space.FreeAreas);
            _space.Free(start, -_lengths[start]);
            _lengths[start] = 0;
        }

        _freeLock.Unlock(processor);
        _lazyAreas = 0;
        _lazyPages = 0;
        _purgeLock.Unlock(processor);
    }

    private uint Address(int page) => _kernel.Layout.VmallocStart + ((uint)page * PageFrame.SizeInBytes);

    private int Take(Processor processor, int pages)
    {
        _freeLock.Lock(processor);
        ChargeTree(processor, _space.FreeAreas);
        int start = _space.Take(pages);
        _freeLock.Unlock(processor);
        return start;
    }

    /// <summary>Charges for the way down a balanced tree of so many areas.</summary>
    private void ChargeTree(Processor processor, int areas) =>
        _kernel.ChargeProbes(processor, 1 + BitOperations.Log2((uint)areas | 1));
}
