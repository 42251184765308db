using System.Numerics;
using X86Pae.Kmap.Kernel;
using X86Pae.Smp;

namespace X86Pae.Kmap.Strategies;

/// <summary>State of the vmalloc area; see <see cref="Vmap"/> for how it works.</summary>
internal sealed class VmallocArea
{
    private const int LazyPagesPerStep = (32 << 20) / PageFrame.SizeInBytes;

    private readonly GuestKernel _kernel;
    private readonly VmallocSpace _space;
    private readonly KernelSpinLock _freeLock = new(); // free_vmap_area_lock
    private readonly KernelSpinLock _busyLock = new(); // vmap_node.busy.lock
    private readonly KernelSpinLock _lazyLock = new(); // vmap_node.lazy.lock
    private readonly KernelSpinLock _purgeLock = new(); // vmap_purge_lock, a mutex; nobody sleeps on it here
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
        _kernel.Lock(processor, _busyLock);
        ChargeTree(processor, _busyAreas++);
        _busyLock.Release(processor);

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
        _kernel.Lock(processor, _busyLock);
        ChargeTree(processor, _busyAreas--);
        _busyLock.Release(processor);
        for (int i = 0; i < length - 1; i++)
        {
            _kernel.GetAndClearEntry(processor, Address(start + i));
        }

        _kernel.Lock(processor, _lazyLock);
        ChargeTree(processor, _lazyAreas);
        _lengths[start] = -length; // on the lazy list: no longer to be unmapped, not yet free
        _lazy[_lazyAreas++] = start;
        _lazyPages += length;
        _lazyLock.Release(processor);
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

        _kernel.Lock(processor, _purgeLock);
        int first = int.MaxValue;
        int end = 0;
        foreach (int start in _lazy.AsSpan(0, _lazyAreas))
        {
            first = Math.Min(first, start);
            end = Math.Max(end, start - _lengths[start]);
        }

        GuestKernel.ChargeProbes(processor, _lazyAreas);
        _kernel.FlushTlbKernelRange(processor, Address(first), Address(end));

        _kernel.Lock(processor, _freeLock);
        foreach (int start in _lazy.AsSpan(0, _lazyAreas))
        {
            ChargeTree(processor, _space.FreeAreas);
            _space.Free(start, -_lengths[start]);
            _lengths[start] = 0;
        }

        _freeLock.Release(processor);
        _lazyAreas = 0;
        _lazyPages = 0;
        _purgeLock.Release(processor);
    }

    private uint Address(int page) => _kernel.Layout.VmallocStart + ((uint)page * PageFrame.SizeInBytes);

    private int Take(Processor processor, int pages)
    {
        _kernel.Lock(processor, _freeLock);
        ChargeTree(processor, _space.FreeAreas);
        int start = _space.Take(pages);
        _freeLock.Release(processor);
        return start;
    }

    /// <summary>Charges for the way down a balanced tree of so many areas.</summary>
    private static void ChargeTree(Processor processor, int areas) =>
        GuestKernel.ChargeProbes(processor, 1 + BitOperations.Log2((uint)areas | 1));
}
