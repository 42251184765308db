using X86Pae.Paging;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>The checks of privilege that system instructions make before anything else.</summary>
/// <param name="state">Holds CPL and IOPL, and receives #GP(0).</param>
/// <param name="mmu">Holds CR4.</param>
internal sealed class Privilege(CpuState state, GuestMmu mmu)
{
    /// <summary>CPL 0, for most system instructions.</summary>
    public bool TryRequireKernel() => state.Cpl == 0 || state.Raise(GuestException.GeneralProtection);

    /// <summary>A CPL up to IOPL, for CLI and STI.</summary>
    public bool TryRequireInputOutput() =>
        state.Cpl <= state.IoPrivilegeLevel || state.Raise(GuestException.GeneralProtection);

    /// <summary>CPL 0 while CR4.UMIP is set, for SGDT, SIDT, SLDT, STR and SMSW.</summary>
    public bool TryAllowStore() => TryAllowUnless(Cr4.UserModeInstructionPrevention);

    /// <summary>CPL 0 while CR4.TSD is set, for RDTSC.</summary>
    public bool TryAllowTimeStamp() => TryAllowUnless(Cr4.TimeStampDisable);

    private bool TryAllowUnless(Cr4 restriction) => (mmu.Cr4 & restriction) == 0 || TryRequireKernel();
}
