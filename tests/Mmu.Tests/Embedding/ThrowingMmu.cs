using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Embedding;

/// <summary>A translation that returns an address or throws, for cores that unwind an instruction by an exception.</summary>
internal sealed class ThrowingMmu<TBus>
    where TBus : struct, IBus
{
    private readonly Mmu<TBus, NoTiming> _mmu;
    private readonly Func<int> _cpl;

    /// <param name="mmu">The core's MMU, whose physical addresses have 32 bits as the host's do.</param>
    /// <param name="cpl">The current privilege level, 0 to 3.</param>
    public ThrowingMmu(Mmu<TBus, NoTiming> mmu, Func<int> cpl)
    {
        if (mmu.Features.MaxPhyAddr > 32)
        {
            throw new ArgumentException("A physical address would not fit 32 bits.", nameof(mmu));
        }

        _mmu = mmu;
        _cpl = cpl;
    }

    public uint TranslateLinearAddress(uint linearAddress, bool isWrite)
    {
        var access = new Access(
            isWrite ? AccessKind.Write : AccessKind.Read,
            _cpl() == 3 ? AccessMode.User : AccessMode.Supervisor);
        WalkResult result = _mmu.Translate(linearAddress, access);
        return result.IsFault ? throw Deliver(result.Fault) : (uint)result.PhysicalAddress;
    }

    private PageFaultException Deliver(PageFault fault)
    {
        _mmu.DeliverPageFault(fault);
        return new PageFaultException(fault.ErrorCode);
    }
}
