// What flushes cost, and what touching pages again after them does: the experiments of I. Molnar's thread "TLB flush multiple
// pages per IPI" (linux-mm, June 2015) and of D. Hansen's measurements of flush_tlb_mm_range.
//
//   hot     the mean of some rounds, after as many to warm up
//   cold    the first round of a processor whose TLBs and data caches are empty
//
//   The systems measured ran long mode, where MOV CR3 loads no PDPTE registers. Two-level paging, which has none, stands in.

using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Lab.Experiments;

/// <summary>Cycles of flushes on one emulated processor, alone and with the loads that refill after them.</summary>
/// <param name="model">The processor.</param>
public sealed class FlushCosts(CpuModel model)
{
    private const int Rounds = 10;

    private readonly CpuModel _model = model ?? throw new ArgumentNullException(nameof(model));

    /// <summary>INVLPG of each of some adjacent pages, then one load from each.</summary>
    /// <param name="pages">How many, from 1 on.</param>
    /// <param name="cold">Whether nothing is in the caches.</param>
    public double MeasureInvlpgAndTouch(int pages, bool cold) => Measure(pages, cold, guest =>
    {
        InvalidateEach(guest, pages);
        Touch(guest, pages);
    });

    /// <summary>MOV CR3, then one load from each of some adjacent pages.</summary>
    /// <param name="pages">How many, from 1 on.</param>
    /// <param name="cold">Whether nothing is in the caches.</param>
    public double MeasureCr3AndTouch(int pages, bool cold) => Measure(pages, cold, guest =>
    {
        guest.Mmu.WriteCr3(GuestPages.Tables);
        Touch(guest, pages);
    });

    /// <summary>MOV CR3 alone.</summary>
    public double MeasureMovCr3() => Measure(1, cold: false, guest => guest.Mmu.WriteCr3(GuestPages.Tables));

    /// <summary>CR4.PGE off and on.</summary>
    public double MeasurePgeTogglePair() => Measure(1, cold: false, guest =>
    {
        var cr4 = (uint)guest.Mmu.Cr4;
        guest.Mmu.WriteCr4(cr4 & ~(uint)Cr4.PageGlobalEnable);
        guest.Mmu.WriteCr4(cr4);
    });

    /// <summary>Flush of a range page by page, without touching it again.</summary>
    /// <param name="pages">How many pages, from 1 on.</param>
    /// <param name="invpcid">Whether each is flushed by INVPCID as well, for the user's half of isolated tables.</param>
    /// <exception cref="ArgumentException"><paramref name="invpcid"/> on a model without INVPCID.</exception>
    public double MeasureRangeFlush(int pages, bool invpcid)
    {
        if (invpcid && _model.Invpcid is null)
        {
            throw new ArgumentException($"{_model.Name} has no INVPCID.", nameof(invpcid));
        }

        return Measure(pages, cold: false, guest =>
        {
            InvalidateEach(guest, pages);
            for (int i = 0; invpcid && i < pages; i++)
            {
                guest.Mmu.Invpcid(type: 0, descriptorLow: 0, GuestPages.Place(i));
            }
        });
    }

    private static void InvalidateEach(GuestPages guest, int pages)
    {
        for (int i = 0; i < pages; i++)
        {
            guest.Mmu.Invlpg(GuestPages.Place(i));
        }
    }

    private static void Touch(GuestPages guest, int pages)
    {
        for (int i = 0; i < pages; i++)
        {
            guest.Load(GuestPages.Place(i));
        }
    }

    private double Measure(int pages, bool cold, Action<GuestPages> round)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pages, 1);
        var guest = new GuestPages(_model, pae: false, GuestPages.List(pages));
        int rounds = cold ? 1 : Rounds;
        for (int i = 0; !cold && i < Rounds; i++)
        {
            round(guest);
        }

        long start = guest.Clock.Now;
        for (int i = 0; i < rounds; i++)
        {
            round(guest);
        }

        return (guest.Clock.Now - start) / (double)rounds;
    }
}
