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

    private readonly TagSpace _space;
    private readonly TagSpace _pdeSpace;
    private readonly bool _areStamped;
    private readonly TranslationArray _none; // stands for each array that there is not

    /// <summary>Creates the arrays, but for those that a sibling has and shares.</summary>
    /// <param name="configuration">Their shapes, the same as the sibling's.</param>
    /// <param name="sibling">Those of the other logical processor of the core; null where there is none, or none yet.</param>
    public CoreArrays(TlbConfiguration configuration, CoreArrays? sibling)
    {
        _space = sibling?._space ?? new TagSpace(TranslationArray.PageBits);
        _pdeSpace = sibling?._pdeSpace ?? new TagSpace(PdeBits);
        _areStamped = configuration.NumbersFills;
        _none = sibling?._none ?? new TranslationArray(default, _space, isStamped: false);
        int index = sibling is null ? 0 : 1;
        Owner = new TagOwner(_space, index);
        PdeOwner = new TagOwner(_pdeSpace, index);
        Pdes = ArrayOf(configuration.PdeCache, _pdeSpace, sibling?.Pdes);
        Instruction = LevelOf(
            TlbHit.First,
            configuration.Instruction4K,
            configuration.InstructionLarge,
            configuration.InstructionSizesShare,
            sibling?.Instruction);
        Data = LevelOf(TlbHit.First, configuration.Data4K, configuration.DataLarge, configuration.DataSizesShare, sibling?.Data);
        Load = LevelOf(TlbHit.Load, configuration.Load4K, configuration.LoadLarge, sizesShare: false, sibling?.Load);
        SecondData = LevelOf(
            TlbHit.Second,
            configuration.SecondData4K,
            configuration.SecondDataLarge,
            configuration.SecondSizesShare,
            sibling?.SecondData);
        SecondInstruction = configuration.SecondIsUnified ? SecondData : LevelOf(
            TlbHit.Second,
            configuration.SecondInstruction4K,
            configuration.SecondInstructionLarge,
            sizesShare: false,
            sibling?.SecondInstruction);
    }

    /// <summary>This logical processor as the owner of translations.</summary>
    public TagOwner Owner { get; }

    /// <summary>This logical processor as the owner of page-directory entries.</summary>
    public TagOwner PdeOwner { get; }

    /// <summary>Page-directory entries that point to tables.</summary>
    public TranslationArray Pdes { get; }

    /// <summary>First level, instruction fetches.</summary>
    public TlbLevel Instruction { get; }

    /// <summary>First level, data.</summary>
    public TlbLevel Data { get; }

    /// <summary>The level before the first that only loads use.</summary>
    public TlbLevel Load { get; }

    /// <summary>Second level, instruction fetches; the same as for data where it is unified.</summary>
    public TlbLevel SecondInstruction { get; }

    /// <summary>Second level, data.</summary>
    public TlbLevel SecondData { get; }

    private TranslationArray ArrayOf(TlbGeometry geometry, TagSpace space, TranslationArray? siblings) =>
        geometry.Sets == 0 ? _none
        : siblings is not null && geometry.Siblings == SiblingSharing.Shared ? siblings
        : new TranslationArray(geometry, space, _areStamped);

    private TlbLevel LevelOf(TlbHit place, TlbGeometry small, TlbGeometry large, bool sizesShare, TlbLevel? siblings)
    {
        TranslationArray array = ArrayOf(small, _space, siblings?.Small);
        return new TlbLevel(array, sizesShare ? array : ArrayOf(large, _space, siblings?.Large), place);
    }
}
