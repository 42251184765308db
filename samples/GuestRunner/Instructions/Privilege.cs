using X86Pae.GuestRunner.Processor;
using X86Pae.Paging;

namespace X86Pae.GuestRunner.Instructions;

/// <summary>Who may execute what.</summary>
internal sealed class Privilege(CpuState state, GuestMmu mmu)
{
    /// <summary>Most system instructions: #GP(0) unless CPL is 0.</summary>
    public bool TryRequireKernel() => state.Cpl == 0 || state.Raise(GuestException.GeneralProtection);

    /// <summary>SGDT, SIDT, SLDT, STR, SMSW: anybody, unless CR4.UMIP keeps them for the kernel.</summary>
    public bool TryAllowStore() => TryAllowUnless(Cr4.UserModeInstructionPrevention);

    /// <summary>RDTSC: anybody, unless CR4.TSD keeps it for the kernel.</summary>
    public bool TryAllowTimeStamp() => TryAllowUnless(Cr4.TimeStampDisable);

    private bool TryAllowUnless(Cr4 restriction) => (mmu.Cr4 & restriction) == 0 || TryRequireKernel();
}
