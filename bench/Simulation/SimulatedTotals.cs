using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Bench.Simulation;

/// <summary>What emulated processors have been charged and have done since they started.</summary>
/// <param name="Cycles">Cycles charged on all processors; idle time is not.</param>
/// <param name="EntryStores">Stores and exchanges that the kernel's mapping code made to page-table entries.</param>
/// <param name="Invlpgs">INVLPG executed on all processors.</param>
/// <param name="Ipis">Interprocessor interrupts sent, one for each target.</param>
public readonly record struct SimulatedTotals(long Cycles, long EntryStores, long Invlpgs, long Ipis)
{
    /// <summary>What happened between two readings.</summary>
    public static SimulatedTotals operator -(SimulatedTotals later, SimulatedTotals earlier) => new(
        later.Cycles - earlier.Cycles,
        later.EntryStores - earlier.EntryStores,
        later.Invlpgs - earlier.Invlpgs,
        later.Ipis - earlier.Ipis);

    /// <summary>Adds what one processor has been charged and has done.</summary>
    public SimulatedTotals Plus(ProcessorClock clock)
    {
        long cycles = Cycles;
        foreach (long account in clock.Accounts)
        {
            cycles += account;
        }

        return this with { Cycles = cycles, Invlpgs = Invlpgs + clock.Counts.Invlpgs, Ipis = Ipis + clock.Counts.IpisSent };
    }

    /// <summary>Reads a whole machine.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="entryStores">What its kernel has stored to page-table entries.</param>
    public static SimulatedTotals Of(Machine machine, long entryStores)
    {
        var totals = new SimulatedTotals(0, entryStores, 0, 0);
        foreach (Processor processor in machine.Processors)
        {
            totals = totals.Plus(processor.Clock);
        }

        return totals;
    }
}
