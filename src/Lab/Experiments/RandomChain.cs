// The random-chain experiment: a chain of dependent loads in random order over every multiple of a stride in a block.
//
//   linear     block of size bytes, loads at every multiple of stride; the pages touched are mapped, and no others
//   physical   frames in address order over the pages touched, after the tables; as a fresh process gets them
//   tables     of the entry size of the system that was measured: 8 bytes (PAE) or 4 (two-level)
//
//   Each pass follows the same chain. The passes before the measured one bring caches and TLBs into their steady state.
//
//   The block starts in the middle of a table, as most buffers do: the entries of a small block share no cache set with the
//   first lines of its pages, and a block of 2 MiB reaches into the next table, whose first entries do.

using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Lab.Experiments;

/// <summary>Load latency of a block of memory on one emulated processor, translation included.</summary>
/// <remarks>The method of the InstLatx64 data set's random-read tables.</remarks>
public sealed class RandomChain
{
    private const int WarmUpPasses = 2;

    private readonly CpuModel _model;
    private readonly bool _pae;

    /// <summary>Prepares the experiment.</summary>
    /// <param name="model">The processor.</param>
    /// <param name="entrySizeInBytes">Size of a page-table entry on the system that was measured: 4 or 8.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="entrySizeInBytes"/> is neither 4 nor 8.</exception>
    public RandomChain(CpuModel model, int entrySizeInBytes)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (entrySizeInBytes is not (4 or 8))
        {
            throw new ArgumentOutOfRangeException(nameof(entrySizeInBytes), entrySizeInBytes, "Entries have 4 or 8 bytes.");
        }

        _model = model;
        _pae = entrySizeInBytes == 8;
    }

    /// <summary>Measures one block.</summary>
    /// <param name="sizeInBytes">Size of the block, at least one stride, at most 512 MiB.</param>
    /// <param name="strideInBytes">Distance of the places loaded from, at least 4.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public ChainResult Measure(int sizeInBytes, int strideInBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(strideInBytes, 4);
        ArgumentOutOfRangeException.ThrowIfLessThan(sizeInBytes, strideInBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sizeInBytes, 512 << 20);
        int[] order = RandomOrder.Of(sizeInBytes / strideInBytes);
        var guest = new GuestPages(_model, _pae, PagesTouched(order.Length, strideInBytes));
        for (int pass = 0; pass < WarmUpPasses; pass++)
        {
            Follow(guest.Mmu, order, strideInBytes);
        }

        long start = guest.Clock.Now;
        EventCounts before = guest.Clock.Counts;
        Follow(guest.Mmu, order, strideInBytes);
        EventCounts after = guest.Clock.Counts;
        return new ChainResult(
            (guest.Clock.Now - start) / (double)order.Length,
            (after.LoadLevelMisses + after.FirstLevelMisses - before.LoadLevelMisses - before.FirstLevelMisses)
                / (double)order.Length,
            (after.MemoryAccesses - before.MemoryAccesses) / (double)order.Length);
    }

    private static void Follow(Mmu<RamBus, CycleTiming> mmu, int[] order, int stride)
    {
        foreach (int place in order)
        {
            mmu.Read(GuestPages.Block + (uint)(place * stride), Access.SupervisorRead, out byte _);
        }
    }

    private static List<uint> PagesTouched(int places, int stride)
    {
        List<uint> pages = [];
        for (int place = 0; place < places; place++)
        {
            uint page = GuestPages.Block + (uint)(place * stride / GuestPages.PageSize * GuestPages.PageSize);
            if (pages.Count == 0 || pages[^1] != page)
            {
                pages.Add(page);
            }
        }

        return pages;
    }
}

/// <summary>What following a chain of loads took, each figure for one load.</summary>
/// <param name="Cycles">Cycles.</param>
/// <param name="TlbMisses">Misses of the nearest TLB.</param>
/// <param name="MemoryAccesses">Accesses, table entries included, that no cache held.</param>
public readonly record struct ChainResult(double Cycles, double TlbMisses, double MemoryAccesses);
