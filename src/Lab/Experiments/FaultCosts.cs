using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Lab.Experiments;

/// <summary>Cycles of a page fault on one emulated processor.</summary>
/// <param name="model">The processor.</param>
public sealed class FaultCosts(CpuModel model)
{
    private readonly CpuModel _model = model ?? throw new ArgumentNullException(nameof(model));

    /// <summary>Delivery of a page fault and the return from it; the handler does nothing.</summary>
    public long MeasureRoundTrip()
    {
        var guest = new GuestPages(_model, pae: true, [GuestPages.Block]);
        AccessResult result = guest.Mmu.Read(GuestPages.Block + GuestPages.PageSize, Access.SupervisorRead, out byte _);
        long start = guest.Clock.Now;
        guest.Mmu.DeliverPageFault(result.Fault);
        guest.Mmu.ReturnFromPageFault();
        return guest.Clock.Now - start;
    }
}
