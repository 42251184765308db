namespace X86Pae.Paging;

/// <summary>IA32_EFER, MSR C000_0080h.</summary>
[Flags]
public enum Efer : uint
{
    /// <summary>No bit.</summary>
    None = 0,

    /// <summary>SCE.</summary>
    SystemCallExtensions = 1u << 0,

    /// <summary>NXE: bit 63 of PAE PDEs and PTEs is XD.</summary>
    ExecuteDisableEnable = 1u << 11,
}
