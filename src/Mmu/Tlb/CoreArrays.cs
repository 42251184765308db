// The arrays of a core as one of its logical processors sees them:
//
//   shared         both use one array, as owners of their own    +---------------------+
//                                                                | entries of 0 and 1  |
//                                                                +---------------------+
//   partitioned    an array of half the size each                +---------+ +---------+
//                                                                | 0       | | 1       |
//                                                                +---------+ +---------+
//   replicated     an array each                                 +---------------------+ +---------------------+
//                                                                | 0                   | | 1                   |
//                                                                +---------------------+ +---------------------+
//
//   The halves are made in the configuration (TlbConfiguration.ForSiblings); here an array is shared or not.

namespace X86Pae.Tlb;

/// <summary>The levels of TLB and the PDE cache of one logical processor, some of which may be its sibling's as well.</summary>
internal sealed class CoreArrays
{
    private const int PdeBits = 11; // a 2-MiB region of 4 GiB; two-level paging needs one less

    private readonly GenerationSpace _space;
    private readonly GenerationSpace _pdeSpace;
    private readonly bool _areStamped;

    /// <summary>Creates the arrays, but for those that a sibling has and shares.</summary>
    /// <param name="tlbs">Their shapes, the same as the sibling's.</param>
    /// <param name="sibling">Those of the other logical processor of the core; null where there is none, or none yet.</param>
    public CoreArrays(TlbConfiguration tlbs, CoreArrays? sibling)
    {
        _space = sibling?._space ?? new GenerationSpace(TranslationArray.PageBits);
        _pdeSpace = sibling?._pdeSpace ?? new GenerationSpace(PdeBits);
        _areStamped = tlbs.NumbersFills;
        int index = sibling is null ? 0 : 1;
        Generations = new Generations(_space, index);
        PdeGenerations = new Generations(_pdeSpace, index);
        Pdes = ArrayOf(tlbs.PdeCache, _pdeSpace, sibling?.Pdes);
        bool hasSecond = tlbs.HasSecondLevel;
        TlbLevel? secondData = !hasSecond ? null : LevelOf(
            TlbHit.Second, tlbs.SecondData4K, tlbs.SecondDataLarge, tlbs.SecondSizesShare, sibling?.Stores.Next, next: null);
        TlbLevel? secondInstruction = !hasSecond || tlbs.SecondIsUnified ? secondData : LevelOf(
            TlbHit.Second, tlbs.SecondInstruction4K, tlbs.SecondInstructionLarge, sizesShare: false, sibling?.Fetches.Next, next: null);
        Fetches = LevelOf(
            TlbHit.First,
            tlbs.Instruction4K,
            tlbs.InstructionLarge,
            tlbs.InstructionSizesShare,
            sibling?.Fetches,
            secondInstruction);
        Stores = LevelOf(TlbHit.First, tlbs.Data4K, tlbs.DataLarge, tlbs.DataSizesShare, sibling?.Stores, secondData);
        Loads = !tlbs.HasLoadLevel ? Stores : LevelOf(
            TlbHit.Load, tlbs.Load4K, tlbs.LoadLarge, sizesShare: false, sibling?.Loads, Stores);
    }

    /// <summary>The generations of this logical processor's translations.</summary>
    public Generations Generations { get; }

    /// <summary>The generations of this logical processor's page-directory entries.</summary>
    public Generations PdeGenerations { get; }

    /// <summary>Page-directory entries that point to tables; null where there is no PDE cache.</summary>
    public TranslationArray? Pdes { get; }

    /// <summary>The level that fetches ask first.</summary>
    public TlbLevel Fetches { get; }

    /// <summary>The level that loads ask first.</summary>
    public TlbLevel Loads { get; }

    /// <summary>The level that stores ask first.</summary>
    public TlbLevel Stores { get; }

    private TranslationArray? ArrayOf(TlbGeometry geometry, GenerationSpace space, TranslationArray? siblings) =>
        geometry.Sets == 0 ? null
        : siblings is not null && geometry.Siblings == SiblingSharing.Shared ? siblings
        : new TranslationArray(geometry, space, _areStamped);

    private TlbLevel LevelOf(
        TlbHit place, TlbGeometry small, TlbGeometry large, bool sizesShare, TlbLevel? siblings, TlbLevel? next)
    {
        TranslationArray? array = ArrayOf(small, _space, siblings?.Small);
        return new TlbLevel(place, array, sizesShare ? array : ArrayOf(large, _space, siblings?.Large), next);
    }
}
