namespace X86Pae.Paging;

/// <summary>On whose behalf an access is made (Intel SDM vol. 3, 4.6.1).</summary>
public enum AccessMode : byte
{
    /// <summary>CPL 3, and virtual-8086 code.</summary>
    User,

    /// <summary>CPL 0 to 2, an ordinary access of the program, instruction fetches included.</summary>
    Supervisor,

    /// <summary>An access to a system structure (GDT, LDT, IDT, TSS) at any CPL; EFLAGS.AC does not help it past SMAP.</summary>
    SupervisorImplicit,
}
