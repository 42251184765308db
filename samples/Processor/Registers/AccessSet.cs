using X86Pae.Paging;

namespace X86Pae.Samples.Processor.Registers;

/// <summary>
/// The four kinds of access in one mode. An <see cref="Access"/> is a value of one byte; a processor keeps those it needs ready,
/// and picks the set when privilege changes (Intel SDM vol. 3, 4.6.1).
/// </summary>
/// <param name="mode">User, supervisor, or the processor on its own behalf.</param>
/// <param name="alignmentCheck">EFLAGS.AC, which lets explicit supervisor accesses past SMAP.</param>
internal sealed class AccessSet(AccessMode mode, bool alignmentCheck = false)
{
    /// <summary>CPL 3.</summary>
    public static AccessSet User { get; } = new(AccessMode.User);

    /// <summary>CPL 0 to 2.</summary>
    public static AccessSet Supervisor { get; } = new(AccessMode.Supervisor);

    /// <summary>CPL 0 to 2 with EFLAGS.AC set.</summary>
    public static AccessSet SupervisorPastSmap { get; } = new(AccessMode.Supervisor, alignmentCheck: true);

    /// <summary>Accesses that the processor makes on its own behalf at any CPL, to GDT, LDT, IDT and TSS.</summary>
    public static AccessSet Implicit { get; } = new(AccessMode.SupervisorImplicit);

    /// <summary>
    /// Accesses at CPL 0 to 2, and the pushes of an interrupt that enters such a level. Whether SMAP takes those pushes for
    /// explicit accesses is not documented; the manual names only the tables and the TSS as implicit, so here they are explicit.
    /// </summary>
    public static AccessSet ForSupervisor(Eflags flags) =>
        (flags & Eflags.AlignmentCheck) != 0 ? SupervisorPastSmap : Supervisor;

    public Access Read { get; } = new(AccessKind.Read, mode, alignmentCheck);

    public Access Write { get; } = new(AccessKind.Write, mode, alignmentCheck);

    public Access Fetch { get; } = new(AccessKind.Fetch, mode, alignmentCheck);

    /// <summary>A read-modify-write (ADD [m], XCHG, CMPXCHG), which needs the right to write even if it writes the old value.</summary>
    public Access Update { get; } = new(AccessKind.ReadModifyWrite, mode, alignmentCheck);
}
