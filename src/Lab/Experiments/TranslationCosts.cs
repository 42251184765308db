using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Lab.Experiments;

/// <summary>What each way to a translation costs on one emulated processor, and when its TLBs miss.</summary>
/// <remarks>
/// Differences of two loads of the same byte, which the first-level data cache holds: so no latency of memory takes part. All
/// pages are 4 KiB.
/// </remarks>
/// <param name="model">The processor.</param>
public sealed class TranslationCosts(CpuModel model)
{
    private const int Passes = 3;

    private readonly TlbConfiguration _tlbs = model?.Tlbs ?? throw new ArgumentNullException(nameof(model));

    private TlbGeometry Nearest => _tlbs.HasLoadLevel ? _tlbs.Load4K : _tlbs.Data4K;

    private TlbGeometry Last => _tlbs.HasSecondLevel ? _tlbs.SecondData4K : _tlbs.Data4K;

    /// <summary>A load that misses every level, its directory entry in the PDE cache and its table entry in the nearest cache.</summary>
    /// <returns>Cycles on top of a hit in the nearest level.</returns>
    public long MeasureFullMiss()
    {
        var guest = new GuestPages(model, pae: true, GuestPages.List(2));
        guest.Load(GuestPages.Place(1));
        guest.Load(GuestPages.Place(0));
        long hit = guest.Load(GuestPages.Place(0));
        guest.Mmu.WriteCr3(GuestPages.Tables);
        guest.Load(GuestPages.Place(1));
        return guest.Load(GuestPages.Place(0)) - hit;
    }

    /// <summary>A load that misses the nearest level and hits the next one.</summary>
    /// <returns>Cycles on top of a hit in the nearest level; 0 on a processor with one level.</returns>
    public long MeasureNextLevelHit()
    {
        if (!_tlbs.HasLoadLevel && !_tlbs.HasSecondLevel)
        {
            return 0;
        }

        // Twice as many pages of the same set as it has ways push the first one out of the nearest level.
        int others = 2 * Nearest.Ways;
        var guest = new GuestPages(model, pae: true, GuestPages.List(others + 1, Nearest.Sets));
        guest.Load(GuestPages.Place(0));
        long hit = guest.Load(GuestPages.Place(0));
        for (int i = 1; i <= others; i++)
        {
            guest.Load(GuestPages.Place(i, Nearest.Sets));
        }

        return guest.Load(GuestPages.Place(0)) - hit;
    }

    /// <summary>Loads of as many pages as the nearest level holds, times a factor, in random cyclic order.</summary>
    /// <param name="factor">How many times its capacity, above 0.</param>
    /// <returns>Share of the loads that miss the nearest level, 0 to 1.</returns>
    public double MeasureNearestMisses(double factor) => MeasureMisses(
        (int)(Nearest.Entries * factor),
        counts => _tlbs.HasLoadLevel ? counts.LoadLevelMisses : counts.FirstLevelMisses);

    /// <summary>The same for the last level: as many pages as it holds, times a factor.</summary>
    /// <param name="factor">How many times its capacity, above 0.</param>
    /// <returns>Share of the loads that walk, 0 to 1.</returns>
    public double MeasureWalks(double factor) => MeasureMisses((int)(Last.Entries * factor), counts => counts.Walks);

    private double MeasureMisses(int pages, Func<EventCounts, long> misses)
    {
        var guest = new GuestPages(model, pae: true, GuestPages.List(pages));
        int[] order = RandomOrder.Of(pages);
        long before = 0;
        for (int pass = 0; pass < Passes; pass++)
        {
            before = misses(guest.Clock.Counts);
            foreach (int page in order)
            {
                guest.Load(GuestPages.Place(page));
            }
        }

        return (misses(guest.Clock.Counts) - before) / (double)pages;
    }
}
