namespace X86Pae.Reference.Specification;

/// <summary>What caches must drop (rule C51), as far as the operations differ.</summary>
internal enum SpecDropKind
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

/// <summary>Something that obliges a processor to drop cached translations, and for which address.</summary>
internal readonly record struct SpecDrop(SpecDropKind Kind, uint Linear)
{
    /// <summary>Whether the translation of an address must go, by the size of its page and whether it is global.</summary>
    public bool DropsTranslation(uint linear, bool large, bool global, int largePageShift)
    {
        bool samePage = large ? SameRegion(linear, largePageShift) : linear >> 12 == Linear >> 12;
        return Kind switch
        {
            SpecDropKind.NonGlobal => !global,
            SpecDropKind.All => true,
            SpecDropKind.Page or SpecDropKind.Fault => samePage,
            SpecDropKind.NonGlobalPage => samePage && !global,
            _ => false,
        };
    }

    /// <summary>Whether the directory entry for an address must go from the PDE cache.</summary>
    public bool DropsPde(uint linear, int largePageShift) => Kind switch
    {
        SpecDropKind.NonGlobal or SpecDropKind.All or SpecDropKind.Page => true,
        SpecDropKind.NonGlobalPage or SpecDropKind.Fault => SameRegion(linear, largePageShift),
        _ => false,
    };

    private bool SameRegion(uint linear, int largePageShift) => linear >> largePageShift == Linear >> largePageShift;
}
