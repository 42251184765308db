// A refill of the whole TLB in the state in which a kernel that has other work to do leaves the caches.
//
//   pages     as many as the last level holds, each with a line of table entries of its own: eight pages apart with PAE
//   between   the program reads four times what the caches in front of the last one hold; then MOV CR3
//   measured  the refills of one load from each page, in random order; the loads themselves are not part of it

using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Lab.Experiments;

/// <summary>Cycles to refill the TLBs of one emulated processor after a flush, table entries in its last-level cache.</summary>
/// <param name="model">The processor.</param>
public sealed class RefillCosts(CpuModel model)
{
    private const uint Other = 0x6000_0000;
    private const int LineBytes = 64;

    private readonly CpuModel _model = model ?? throw new ArgumentNullException(nameof(model));

    /// <summary>Measures.</summary>
    /// <returns>Cycles of all refills, and how many pages were refilled.</returns>
    public (long Cycles, int Pages) Measure()
    {
        TlbConfiguration tlbs = _model.Tlbs;
        TlbGeometry last = tlbs.HasSecondLevel ? tlbs.SecondData4K : tlbs.Data4K;
        uint[] pages = GuestPages.List(last.Entries, LineBytes / 8);
        int displacedKiB = 4 * (_model.L3 is null ? _model.L1.SizeInKiB : _model.L2.SizeInKiB);
        uint[] others = GuestPages.List(displacedKiB * 1024 / GuestPages.PageSize, first: Other);
        var guest = new GuestPages(_model, pae: true, [.. pages, .. others]);
        foreach (uint page in pages)
        {
            guest.Load(page);
        }

        foreach (uint page in others)
        {
            for (uint offset = 0; offset < GuestPages.PageSize; offset += LineBytes)
            {
                guest.Load(page + offset);
            }
        }

        guest.Mmu.WriteCr3(GuestPages.Tables);
        long before = guest.Clock.Accounts[CycleAccount.Refill];
        foreach (int page in RandomOrder.Of(pages.Length))
        {
            guest.Load(pages[page]);
        }

        return (guest.Clock.Accounts[CycleAccount.Refill] - before, pages.Length);
    }
}
