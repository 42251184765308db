namespace X86Pae.Reference.Specification;

/// <summary>What CPUID enumerates of paging (Intel SDM vol. 3, 4.1.4).</summary>
/// <param name="MaxPhyAddr">MAXPHYADDR, 32 to 52 bits.</param>
/// <param name="Pae">Whether CR4.PAE can be set.</param>
/// <param name="Pse">Whether CR4.PSE can be set.</param>
/// <param name="Pse36">Whether 4-MiB pages have physical addresses of up to 40 bits.</param>
/// <param name="Pge">Whether CR4.PGE can be set.</param>
/// <param name="Pat">Whether there is a PAT; without it bit 7 of a PTE and bit 12 of a large PDE are reserved.</param>
/// <param name="Nx">Whether EFER.NXE can be set.</param>
/// <param name="Smep">Whether CR4.SMEP can be set.</param>
/// <param name="Smap">Whether CR4.SMAP can be set.</param>
/// <param name="Invpcid">Whether INVPCID exists.</param>
/// <param name="OtherCr4">CR4 bits that can be set besides, none of which concerns translation.</param>
public sealed record SpecFeatures(
    int MaxPhyAddr,
    bool Pae = true,
    bool Pse = true,
    bool Pse36 = true,
    bool Pge = true,
    bool Pat = true,
    bool Nx = true,
    bool Smep = true,
    bool Smap = true,
    bool Invpcid = true,
    uint OtherCr4 = 0)
{
    /// <summary>MAXPHYADDR, and the names of the features that there are.</summary>
    public override string ToString()
    {
        (bool Has, string Name)[] all =
        [
            (Pae, "PAE"), (Pse, "PSE"), (Pse36, "PSE-36"), (Pge, "PGE"), (Pat, "PAT"), (Nx, "NX"), (Smep, "SMEP"), (Smap, "SMAP"),
            (Invpcid, "INVPCID"), (OtherCr4 != 0, $"CR4 bits {OtherCr4:X}"),
        ];
        return $"MAXPHYADDR {MaxPhyAddr}, {string.Join(", ", all.Where(one => one.Has).Select(one => one.Name))}";
    }

    /// <summary>What these features and others have in common.</summary>
    internal SpecFeatures And(SpecFeatures others) => new(
        Math.Min(MaxPhyAddr, others.MaxPhyAddr),
        Pae & others.Pae,
        Pse & others.Pse,
        Pse36 & others.Pse36,
        Pge & others.Pge,
        Pat & others.Pat,
        Nx & others.Nx,
        Smep & others.Smep,
        Smap & others.Smap,
        Invpcid & others.Invpcid,
        OtherCr4 & others.OtherCr4);
}

/// <summary>The choices that the architecture leaves to a processor.</summary>
/// <param name="PdpteOnDemand">Whether walks read PDPTEs from memory, without registers (AMD, with nested paging).</param>
/// <param name="CheckReservedInNotPresentPdpte">Whether reserved bits count in a PDPTE with P = 0 (4.4.1, footnote).</param>
/// <param name="AccessedOnlyOnSuccess">Whether an access that faults leaves A clear in the directory entry too (rule C41).</param>
/// <param name="TaskSwitchRaisesInvalidTss">Whether a bad PDPTE in a task switch raises #TS instead of #GP (rule C70).</param>
/// <param name="FaultsFromCachedRights">Whether cached rights deny an access without a look at memory (rule C57).</param>
public sealed record SpecOptions(
    bool PdpteOnDemand = false,
    bool CheckReservedInNotPresentPdpte = false,
    bool AccessedOnlyOnSuccess = false,
    bool TaskSwitchRaisesInvalidTss = false,
    bool FaultsFromCachedRights = false)
{
    /// <summary>The names of the choices that are not the usual ones.</summary>
    public override string ToString()
    {
        (bool Chosen, string Name)[] all =
        [
            (PdpteOnDemand, nameof(PdpteOnDemand)),
            (CheckReservedInNotPresentPdpte, nameof(CheckReservedInNotPresentPdpte)),
            (AccessedOnlyOnSuccess, nameof(AccessedOnlyOnSuccess)),
            (TaskSwitchRaisesInvalidTss, nameof(TaskSwitchRaisesInvalidTss)),
            (FaultsFromCachedRights, nameof(FaultsFromCachedRights)),
        ];
        string names = string.Join(", ", all.Where(one => one.Chosen).Select(one => one.Name));
        return names.Length == 0 ? "the usual choices" : names;
    }
}
