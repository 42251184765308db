using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

// What drops a translation drops it from every level that holds it (Intel SDM vol. 3, 4.10.4.1).
public sealed class LevelInvalidationTests
{
    private const uint Small = 0x0040_3000;
    private const uint SmallGlobal = 0x0080_5000;
    private const uint Large = 0x1020_0000;
    private const uint LargeGlobal = 0x2060_0000;

    private static readonly Access[] Accesses = [Access.SupervisorRead, Access.SupervisorWrite, Access.SupervisorFetch];
    private static readonly TlbGeometry Four = new(1, 4, Replacement.Lru);

    // Each case leaves out what could hide a level that was forgotten.
    public static TheoryData<string> Levels { get; } =
    [
        "load", "first", "first shared", "second", "second shared", "second unified", "second unified and shared", "all",
    ];

    [Theory]
    [MemberData(nameof(Levels))]
    public void FlushAll_EveryLevel_HoldsNothing(string levels)
    {
        TranslationCaches caches = Filled(levels);
        caches.FlushAll();

        Assert.All([Small, SmallGlobal, Large, LargeGlobal], page => Assert.False(HeldBySome(caches, page)));
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void FlushNonGlobal_EveryLevel_HoldsTheGlobalPages(string levels)
    {
        TranslationCaches caches = Filled(levels);
        caches.FlushNonGlobal();

        Assert.False(HeldBySome(caches, Small) || HeldBySome(caches, Large));
        Assert.True(HeldByAll(caches, SmallGlobal, levels) && HeldByAll(caches, LargeGlobal, levels));
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void InvalidatePage_EveryLevel_HoldsTheOtherPages(string levels)
    {
        foreach (uint page in (uint[])[Small, SmallGlobal, Large, LargeGlobal])
        {
            TranslationCaches caches = Filled(levels);
            caches.InvalidatePage(page + 0xFFF);

            Assert.False(HeldBySome(caches, page));
            Assert.All(
                ((uint[])[Small, SmallGlobal, Large, LargeGlobal]).Where(other => other != page),
                other => Assert.True(HeldByAll(caches, other, levels)));
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void InvalidateFaulting_EveryLevel_HoldsTheOtherPages(string levels)
    {
        TranslationCaches caches = Filled(levels);
        caches.InvalidateFaulting(LargeGlobal + 0x1F_FFFF);
        caches.InvalidateFaulting(SmallGlobal);

        Assert.False(HeldBySome(caches, SmallGlobal) || HeldBySome(caches, LargeGlobal));
        Assert.True(HeldByAll(caches, Small, levels) && HeldByAll(caches, Large, levels));
    }

    // INVPCID type 0 leaves global translations.
    [Theory]
    [MemberData(nameof(Levels))]
    public void InvalidateNonGlobalPage_EveryLevel_HoldsTheGlobalPages(string levels)
    {
        TranslationCaches caches = Filled(levels);
        foreach (uint page in (uint[])[Small, SmallGlobal, Large + 0x1F_F000, LargeGlobal])
        {
            caches.InvalidateNonGlobalPage(page);
        }

        Assert.False(HeldBySome(caches, Small) || HeldBySome(caches, Large));
        Assert.True(HeldByAll(caches, SmallGlobal, levels) && HeldByAll(caches, LargeGlobal, levels));
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Replace_EveryLevel_HoldsTheNewTranslationOfTheOtherSizeOnly(string levels)
    {
        TranslationCaches caches = Filled(levels);
        caches.Replace(Large, Access.SupervisorRead, WalkResult.Translated(0x9000, PageAttributes.None));

        Assert.True(caches.TryPeek(Large, Access.SupervisorRead, out WalkResult result, out _));
        Assert.Equal(0x9000ul, result.PhysicalAddress);
        Assert.All(Accesses, access => Assert.False(caches.TryPeek(Large + 0x1000, access, out _, out _)));
    }

    // A large page kept in 4-KiB pieces is one page all the same; a 4-KiB page proper in the same place is another.
    [Theory]
    [MemberData(nameof(Levels))]
    public void Splintered_InvalidatePage_DropsEveryPieceAtEveryLevel(string levels)
    {
        TranslationCaches caches = Splintered(levels, PageAttributes.Large | PageAttributes.Global);
        caches.InvalidatePage(Large + 0x12_3456);

        Assert.False(HeldBySome(caches, Large) || HeldBySome(caches, Large + 0x1F_F000));
        Assert.True(HeldByAll(caches, Large + 0x5000, levels) && HeldByAll(caches, Large + 0x20_0000, levels));
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Splintered_InvalidateNonGlobalPage_DropsPiecesThatAreNotGlobal(string levels)
    {
        TranslationCaches caches = Splintered(levels, PageAttributes.Large);
        caches.InvalidateNonGlobalPage(Large + 0x1000);
        TranslationCaches global = Splintered(levels, PageAttributes.Large | PageAttributes.Global);
        global.InvalidateNonGlobalPage(Large + 0x1000);

        Assert.False(HeldBySome(caches, Large) || HeldBySome(caches, Large + 0x1F_F000));
        Assert.True(HeldByAll(caches, Large + 0x5000, levels));
        Assert.True(HeldByAll(global, Large, levels) && HeldByAll(global, Large + 0x1F_F000, levels));
    }

    [Fact]
    public void Splintered_LargePage_IsHeldOnlyWhereItWasUsed()
    {
        TranslationCaches caches = Splintered("all", PageAttributes.Large);

        Assert.False(HeldBySome(caches, Large + 0x1000));
        Assert.True(caches.TryPeek(Large + 0x1F_F123, Access.SupervisorRead, out WalkResult result, out _));
        Assert.Equal((0x003F_F123ul, PageAttributes.Large), (result.PhysicalAddress, result.Attributes));
    }

    private static TlbConfiguration Configuration(string levels) => levels switch
    {
        "load" => new() { Load4K = Four, LoadLarge = Four },
        "first" => new() { Instruction4K = Four, InstructionLarge = Four, Data4K = Four, DataLarge = Four },
        "first shared" => new() { Instruction4K = Four, Data4K = Four, InstructionSizesShare = true, DataSizesShare = true },
        "second" => new()
        {
            SecondInstruction4K = Four,
            SecondInstructionLarge = Four,
            SecondData4K = Four,
            SecondDataLarge = Four,
        },
        "second shared" => new()
        {
            SecondInstruction4K = Four,
            SecondInstructionLarge = Four,
            SecondData4K = Four,
            SecondSizesShare = true,
        },
        "second unified" => new() { SecondData4K = Four, SecondDataLarge = Four, SecondIsUnified = true },
        "second unified and shared" => new() { SecondData4K = Four, SecondSizesShare = true, SecondIsUnified = true },
        _ => new()
        {
            Instruction4K = Four,
            InstructionLarge = Four,
            Data4K = Four,
            DataLarge = Four,
            Load4K = Four,
            LoadLarge = Four,
            SecondData4K = Four,
            SecondDataLarge = Four,
            SecondIsUnified = true,
        },
    };

    private static TranslationCaches Filled(string levels)
    {
        var caches = new TranslationCaches(Configuration(levels));
        foreach (Access access in Accesses)
        {
            caches.Use(Small, access, WalkResult.Translated(0x1000, PageAttributes.None));
            caches.Use(SmallGlobal, access, WalkResult.Translated(0x2000, PageAttributes.Global));
            caches.Use(Large, access, WalkResult.Translated(0x20_0000, PageAttributes.Large));
            caches.Use(LargeGlobal, access, WalkResult.Translated(0x40_0000, PageAttributes.Large | PageAttributes.Global));
        }

        return caches;
    }

    private static TranslationCaches Splintered(string levels, PageAttributes attributes)
    {
        var caches = new TranslationCaches(Configuration(levels) with { SplintersLargePages = true });
        foreach (Access access in Accesses)
        {
            caches.Use(Large, access, WalkResult.Translated(0x20_0000, attributes));
            caches.Use(Large + 0x1F_F000, access, WalkResult.Translated(0x3F_F000, attributes));
            caches.Use(Large + 0x5000, access, WalkResult.Translated(0x9000, PageAttributes.None));
            caches.Use(Large + 0x20_0000, access, WalkResult.Translated(0x40_0000, attributes));
        }

        return caches;
    }

    private static bool HeldBySome(TranslationCaches caches, uint linear) =>
        Accesses.Any(access => caches.TryPeek(linear, access, out _, out _));

    private static bool HeldByAll(TranslationCaches caches, uint linear, string levels) =>
        Accesses.All(access => (levels == "load" && !access.IsLoad) || caches.TryPeek(linear, access, out _, out _));
}
