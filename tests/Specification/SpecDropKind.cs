namespace X86Pae.Specification;

/// <summary>The rows of the invalidation matrix (docs/rules.md, C51), as far as they differ.</summary>
public enum SpecDropKind
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>MOV CR3, a task switch that changes CR3, INVPCID 1 and 3: all but global translations.</summary>
    NonGlobal,

    /// <summary>PG off, PGE or PAE changed, SMEP set, INVPCID 2, A20M# changed.</summary>
    All,

    /// <summary>INVLPG: one page, and the whole PDE cache.</summary>
    Page,

    /// <summary>INVPCID 0: one page unless it is global, and the PDE for it.</summary>
    NonGlobalPage,

    /// <summary>A page fault: one page, and the PDE for it.</summary>
    Fault,
}
