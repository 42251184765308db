// What page tables in high memory cost a fork (highpte): the tables of parent and child are mapped while entries are copied,
// and the child's once more when it exits.
//
//   for each entry    at the fork: one load, two 32-bit stores, a locked count of the page; at the exit: the same

using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Lab.Experiments;

/// <summary>Fork and exit of a process, page table by page table, with its tables in low or in high memory.</summary>
/// <param name="model">The CPU.</param>
public sealed class ForkExperiment(CpuModel model)
{
    private readonly CpuModel _model = model ?? throw new ArgumentNullException(nameof(model));

    /// <summary>
    /// Present entries of one page table: the mean over the user halves of the page tables of Linux 6.1 machines that are recorded
    /// in tests/data/snapshots.
    /// </summary>
    public const int EntriesOfATable = 66;

    private const int Tables = 32; // pairs, parent's and child's
    private const ulong LowFrame = 0x4000; // at 64 MiB
    private const ulong HighFrame = 0x10_0000; // at 4 GiB

    /// <summary>Measures.</summary>
    /// <returns>By how much high memory makes it slower: 0.1 for a tenth.</returns>
    public double MeasureHighMemoryPenalty() => (Measure(HighFrame) / (double)Measure(LowFrame)) - 1;

    private static void Copy(Processor processor, uint from, uint to)
    {
        for (uint i = 0; i < EntriesOfATable; i++)
        {
            processor.Mmu.Read(from + (8 * i), Access.SupervisorRead, out ulong entry);
            Store(processor, to + (8 * i), entry);
        }
    }

    private static void Clear(Processor processor, uint table)
    {
        for (uint i = 0; i < EntriesOfATable; i++)
        {
            processor.Mmu.Read(table + (8 * i), Access.SupervisorRead, out ulong _);
            Store(processor, table + (8 * i), 0);
        }
    }

    private static void Store(Processor processor, uint at, ulong entry)
    {
        processor.Mmu.Write(at + 4, Access.SupervisorWrite, (uint)(entry >> 32));
        processor.Mmu.Write(at, Access.SupervisorWrite, (uint)entry);
        processor.Clock.Charge(CycleAccount.Lock, processor.Clock.Model.LockedRmw);
    }

    private long Measure(ulong firstFrame)
    {
        GuestKernel kernel = GuestKernel.Boot(_model, processors: 1);
        var strategy = new KmapAtomic(kernel);
        Processor processor = kernel.Machine.Processors[0];
        Run(processor, strategy, firstFrame);
        long start = processor.Clock.Now;
        Run(processor, strategy, firstFrame);
        return processor.Clock.Now - start;
    }

    private static void Run(Processor processor, KmapAtomic strategy, ulong firstFrame)
    {
        for (int i = 0; i < Tables; i++)
        {
            var parent = new PageFrame(firstFrame + (ulong)(2 * i));
            var child = new PageFrame(firstFrame + (ulong)(2 * i) + 1);
            uint to = strategy.Map(processor, child).Address;
            uint from = strategy.Map(processor, parent).Address;
            Copy(processor, from, to);
            strategy.Unmap(processor, parent, from);
            strategy.Unmap(processor, child, to);
        }

        for (int i = 0; i < Tables; i++)
        {
            var child = new PageFrame(firstFrame + (ulong)(2 * i) + 1);
            uint table = strategy.Map(processor, child).Address;
            Clear(processor, table);
            strategy.Unmap(processor, child, table);
        }
    }
}
