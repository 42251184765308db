// The random-chain experiment: a chain of dependent loads in random order over every multiple of a stride in a block.
//
//   linear     block of size bytes, loads at every multiple of stride; the pages touched are mapped, and no others
//   physical   frames in address order over the pages touched, after the tables; as a fresh process gets them
//   tables     of the entry size of the system that was measured: 8 bytes (PAE) or 4 (two-level)
//
//   Each pass follows the same chain. The passes before the measured one bring caches and TLBs into their steady state.

using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Experiments;

/// <summary>Load latency of a block of memory on one emulated processor, translation included.</summary>
/// <remarks>The method of the InstLatx64 data set's random-read tables.</remarks>
public sealed class RandomChain
{
    private const uint Block = 0x4004_0000; // not at the start of a table: its entries share no cache set with the block's own lines
    private const uint Tables = 0x10_0000;
    private const int PageSize = 4096;
    private const int WarmUpPasses = 2;
    private const ulong Seed = 0x5851_F42D_4C95_7F2D;

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
        var clock = new ProcessorClock(_model);
        var memory = new GuestMemory(1UL << 30);
        var mmu = new Mmu<RamBus, CycleTiming>(
            new RamBus(memory), new CycleTiming(clock), CpuFeatures.Pae36, _model.Tlbs);
        Map(new RamBus(memory), sizeInBytes, strideInBytes);
        Enable(mmu);

        int[] order = Shuffle(sizeInBytes / strideInBytes);
        for (int pass = 0; pass < WarmUpPasses; pass++)
        {
            Follow(mmu, order, strideInBytes);
        }

        long start = clock.Now;
        EventCounts before = clock.Counts;
        Follow(mmu, order, strideInBytes);
        EventCounts after = clock.Counts;
        return new ChainResult(
            (clock.Now - start) / (double)order.Length,
            (after.LoadLevelMisses + after.FirstLevelMisses - before.LoadLevelMisses - before.FirstLevelMisses)
                / (double)order.Length,
            (after.MemoryAccesses - before.MemoryAccesses) / (double)order.Length);
    }

    private static void Follow(Mmu<RamBus, CycleTiming> mmu, int[] order, int stride)
    {
        foreach (int place in order)
        {
            mmu.Read(Block + (uint)(place * stride), Access.SupervisorRead, out byte _);
        }
    }

    /// <summary>A random order from a fixed seed (Fisher-Yates over SplitMix64).</summary>
    private static int[] Shuffle(int count)
    {
        int[] order = new int[count];
        ulong state = Seed;
        for (int i = 0; i < count; i++)
        {
            ulong z = state += 0x9E37_79B9_7F4A_7C15;
            z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
            z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
            int j = (int)((z ^ (z >> 31)) % (ulong)(i + 1));
            order[i] = order[j];
            order[j] = i;
        }

        return order;
    }

    private void Map(RamBus bus, int size, int stride)
    {
        const ulong Flags = EntryBits.Present | EntryBits.Writable | EntryBits.Accessed | EntryBits.Dirty;
        int entrySize = _pae ? 8 : 4;
        int tableReach = PageSize / entrySize * PageSize;
        uint tables = Tables + (2 * PageSize);
        uint frame = tables + ((uint)((size / tableReach) + 2) * PageSize);
        if (_pae)
        {
            bus.Store(Tables + (8 * (Block >> 30)), (ulong)(Tables + PageSize) | EntryBits.Present);
        }

        uint mapped = 0;
        for (int place = 0; place < size / stride; place++)
        {
            uint linear = Block + (uint)(place * stride / PageSize * PageSize);
            if (linear == mapped)
            {
                continue;
            }

            mapped = linear;
            uint table = tables + ((linear - (Block & ~((uint)tableReach - 1))) / (uint)tableReach * PageSize);
            if (_pae)
            {
                bus.Store(Tables + PageSize + (8 * ((linear >> 21) & 511)), table | Flags);
                bus.Store(table + (8 * ((linear >> 12) & 511)), frame | Flags);
            }
            else
            {
                bus.Store(Tables + (4 * (linear >> 22)), table | (uint)Flags);
                bus.Store(table + (4 * ((linear >> 12) & 1023)), frame | (uint)Flags);
            }

            frame += PageSize;
        }
    }

    private void Enable(Mmu<RamBus, CycleTiming> mmu)
    {
        bool enabled = mmu.WriteCr3(Tables)
            && mmu.WriteCr4((uint)(_pae ? Cr4.PhysicalAddressExtension : Cr4.None))
            && mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging));
        if (!enabled)
        {
            throw new InvalidOperationException("The processor refuses its own tables.");
        }
    }
}
