using X86Pae.GuestRunner.Processor;
using X86Pae.Paging;

namespace X86Pae.GuestRunner.Accesses;

/// <summary>
/// The four things an access can do, on one behalf. An <see cref="Access"/> is a value of one byte; a processor keeps those it
/// needs ready, and picks the set when privilege changes (Intel SDM vol. 3, 4.6.1).
/// </summary>
/// <param name="mode">On whose behalf.</param>
/// <param name="alignmentCheck">EFLAGS.AC, which lets explicit supervisor accesses past SMAP.</param>
internal sealed class AccessSet(AccessMode mode, bool alignmentCheck = false)
{
    /// <summary>CPL 3.</summary>
    public static AccessSet User { get; } = new(AccessMode.User);

    /// <summary>CPL 0 to 2.</summary>
    public static AccessSet Supervisor { get; } = new(AccessMode.Supervisor);

    /// <summary>CPL 0 to 2 with EFLAGS.AC set.</summary>
    public static AccessSet SupervisorPastSmap { get; } = new(AccessMode.Supervisor, alignmentCheck: true);

    /// <summary>What the processor itself reads and writes, at any CPL: GDT, LDT, IDT and TSS.</summary>
    public static AccessSet Implicit { get; } = new(AccessMode.SupervisorImplicit);

    /// <summary>
    /// CPL 0 to 2, and pushes onto the stack of such a level while an interrupt enters it: whether SMAP takes those for explicit
    /// accesses is not documented; this follows the text, which names the tables and the TSS alone as implicit.
    /// </summary>
    public static AccessSet ForSupervisor(Eflags flags) =>
        (flags & Eflags.AlignmentCheck) != 0 ? SupervisorPastSmap : Supervisor;

    public Access Read { get; } = new(AccessKind.Read, mode, alignmentCheck);

    public Access Write { get; } = new(AccessKind.Write, mode, alignmentCheck);

    public Access Fetch { get; } = new(AccessKind.Fetch, mode, alignmentCheck);

    /// <summary>One access with write intent, whatever it then finds: ADD [m], XCHG, CMPXCHG.</summary>
    public Access Update { get; } = new(AccessKind.ReadModifyWrite, mode, alignmentCheck);
}
