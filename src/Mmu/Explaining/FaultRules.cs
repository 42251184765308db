// Which rule refuses an access, and in which entry. Intel SDM vol. 3: 4.7 (structure), 4.6.1 (rights).
//
//   At each level from the top: P, then reserved bits; the first entry that fails decides. Rights come last, over all
//   entries together:
//
//   user         U/S = 0 in any entry                              every such entry is named
//   write        R/W = 0 in any entry, by a user or with CR0.WP    every such entry is named
//   fetch        XD = 1 in any entry                               every such entry is named
//   supervisor   U/S = 1 in all entries: SMEP, SMAP                the leaf is named

using X86Pae.Paging;

namespace X86Pae.Explaining;

/// <summary>Finds the rules that an access breaks.</summary>
internal static class FaultRules
{
    private const string RightsSection = "4.6.1";

    /// <summary>The reason why a walk ends at an entry that is not usable.</summary>
    /// <param name="mode">The paging mode; each has its section in the manual.</param>
    /// <param name="entry">The last entry read.</param>
    public static FaultReason Structural(PagingMode mode, ExplainedEntry entry)
    {
        string section = mode == PagingMode.Pae ? "4.4.2" : "4.3";
        return entry.IsPresent
            ? new FaultReason(FaultCause.ReservedBits, entry.Level, entry.ReservedBits, section)
            : new FaultReason(FaultCause.NotPresent, entry.Level, 0, section);
    }

    /// <summary>The rules about rights that an access to a mapped page breaks.</summary>
    /// <param name="control">Registers of the processor.</param>
    /// <param name="access">The access.</param>
    /// <param name="entries">The entries that map the page, all usable.</param>
    public static IReadOnlyList<FaultReason> Rights(
        ControlRegisters control, Access access, IReadOnlyList<ExplainedEntry> entries)
    {
        var reasons = new List<FaultReason>();
        foreach (ExplainedEntry entry in entries.Where(entry => entry.Level != WalkLevel.Pdpte))
        {
            AddOwn(reasons, control, access, entry.Level, LeafEntry.Rights(entry.Raw, entry.Raw));
        }

        AddTogether(reasons, control, access, entries[^1].Level, entries[^1].RightsSoFar ?? PageAttributes.None);
        return reasons;
    }

    /// <summary>The rules about rights that an access to a cached page breaks.</summary>
    /// <param name="control">Registers of the processor.</param>
    /// <param name="access">The access.</param>
    /// <param name="page">The cached rights.</param>
    public static IReadOnlyList<FaultReason> Rights(ControlRegisters control, Access access, PageAttributes page)
    {
        WalkLevel leaf = (page & PageAttributes.Large) != 0 ? WalkLevel.Pde : WalkLevel.Pte;
        var reasons = new List<FaultReason>();
        AddOwn(reasons, control, access, leaf, page);
        AddTogether(reasons, control, access, leaf, page);
        return reasons;
    }

    private static void AddOwn(
        List<FaultReason> reasons, ControlRegisters control, Access access, WalkLevel level, PageAttributes rights)
    {
        if (access.IsUser && (rights & PageAttributes.User) == 0)
        {
            reasons.Add(new FaultReason(FaultCause.SupervisorPage, level, 0, RightsSection));
        }

        if (access.IsWrite && (rights & PageAttributes.Writable) == 0
            && (access.IsUser || (control.Cr0 & Cr0.WriteProtect) != 0))
        {
            FaultCause cause = access.IsUser ? FaultCause.ReadOnlyPage : FaultCause.WriteProtect;
            reasons.Add(new FaultReason(cause, level, 0, RightsSection));
        }

        if (access.IsFetch && (rights & PageAttributes.ExecuteDisable) != 0)
        {
            reasons.Add(new FaultReason(FaultCause.ExecuteDisable, level, 0, RightsSection));
        }
    }

    private static void AddTogether(
        List<FaultReason> reasons, ControlRegisters control, Access access, WalkLevel leaf, PageAttributes rights)
    {
        if (access.IsUser || (rights & PageAttributes.User) == 0)
        {
            return;
        }

        bool prevented = access.IsFetch
            ? (control.Cr4 & Cr4.SupervisorExecutionPrevention) != 0
            : (control.Cr4 & Cr4.SupervisorAccessPrevention) != 0 && !access.OverridesSmap;
        if (prevented)
        {
            FaultCause cause = access.IsFetch ? FaultCause.ExecutionPrevention : FaultCause.AccessPrevention;
            reasons.Add(new FaultReason(cause, leaf, 0, RightsSection));
        }
    }
}
