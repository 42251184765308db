using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace X86Pae.Timing;

/// <summary>The time of a clock, and what an interrupt changes: see <see cref="ClockStates"/>.</summary>
internal struct ClockState
{
    /// <summary>Cycles since the start, without those of refills that are only counted so far.</summary>
    public long Now;

    /// <summary>Interrupts taken, and in neither the counts nor the accounts yet, as the two below.</summary>
    public long Interrupts;

    /// <summary>Cycles that they took but for flushes.</summary>
    public long InterruptCycles;

    /// <summary>Pages that they flushed.</summary>
    public long InterruptPages;

    /// <summary>Whether there are events that are not in the time yet, nor in the counts and the accounts.</summary>
    public bool HasRefills;

    /// <summary>Takes an interrupt that flushes pages, on a clock that is up to date.</summary>
    /// <param name="from">When it can be accepted at the earliest.</param>
    /// <param name="cycles">What it takes but for the flush.</param>
    /// <param name="pages">Pages flushed.</param>
    /// <param name="flushCycles">What they take: so many times INVLPG.</param>
    /// <returns>When it was accepted.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // for each of a thousand processors
    public long TakeFlushInterrupt(long from, int cycles, int pages, long flushCycles)
    {
        Debug.Assert(!HasRefills, "The time is up to date.");
        long accepted = Math.Max(Now, from);
        Now = accepted + cycles + flushCycles;
        Interrupts++;
        InterruptCycles += cycles;
        InterruptPages += pages;
        return accepted;
    }
}
