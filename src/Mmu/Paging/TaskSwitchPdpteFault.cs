namespace X86Pae.Paging;

/// <summary>What a task switch to a CR3 with a bad PDPTE leads to; the manual does not say.</summary>
public enum TaskSwitchPdpteFault : byte
{
    /// <summary>#GP(0); CR3 and the PDPTE registers stay as they were (KVM).</summary>
    GeneralProtection,

    /// <summary>#TS(0) after CR3 has been loaded; the PDPTE registers are all zero then (Bochs).</summary>
    InvalidTss,
}
