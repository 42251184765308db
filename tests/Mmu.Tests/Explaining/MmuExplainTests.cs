using X86Pae.Explaining;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Explaining;

/// <summary>What an explanation says of translation caches, and that it leaves no trace in them.</summary>
public sealed class MmuExplainTests
{
    private const uint Linear = 0x8060_3ABC;
    private const uint Other = 0x8060_4000;
    private const ulong Used = ExplainedGuest.Used;

    private static readonly TlbConfiguration Small = new()
    {
        Instruction4K = new(1, 2),
        InstructionLarge = new(1, 2),
        Data4K = new(1, 2),
        DataLarge = new(1, 2),
        PdeCache = new(1, 2),
    };

    private static readonly TlbConfiguration TwoLevels = Small with
    {
        Load4K = new(1, 2),
        SecondData4K = new(2, 2),
        SecondDataLarge = new(1, 2),
        SecondInstruction4K = new(2, 2),
    };

    [Fact]
    public void Explain_NothingCached_SaysNothing()
    {
        var guest = new ExplainedGuest(Small);
        guest.Map(Linear, 0x5000 | Used);

        WalkExplanation explanation = guest.Mmu.Explain(Linear, Access.UserRead);

        Assert.Equal(new CacheContents(null, null, null), explanation.Caches);
        Assert.Equal(TranslationSource.Tables, explanation.Source);
        Assert.Equal(0x5ABCUL, explanation.Result.PhysicalAddress);
    }

    [Fact]
    public void Explain_Cached_SaysOnWhichSideAndSinceWhen()
    {
        var guest = new ExplainedGuest(Small);
        guest.Map(Linear, 0x5000 | Used);
        guest.Map(Other, 0x7000 | Used);
        guest.Mmu.Translate(Linear, Access.UserRead);
        guest.Mmu.Translate(Other, Access.UserRead);
        guest.Mmu.Translate(Linear, Access.UserFetch);

        WalkExplanation explanation = guest.Mmu.Explain(Linear, Access.UserRead);

        const PageAttributes Rights = PageAttributes.User | PageAttributes.Writable | PageAttributes.Dirty;
        Assert.Equal(
            new CacheContents(
                new CachedTranslation(0x5ABC, Rights, MemoryType.WriteBack, Number: 1, FillsSince: 2, IsStale: false),
                new CachedTranslation(0x5ABC, Rights, MemoryType.WriteBack, Number: 3, FillsSince: 0, IsStale: false),
                new CachedPde(ExplainedGuest.Table | Used, FillsBefore: 0, FillsSince: 3, IsStale: false)),
            explanation.Caches);
        Assert.Equal(TranslationSource.Tlb, explanation.Source);
        Assert.Empty(explanation.Hints);
    }

    // As on a processor of a Machine.
    [Fact]
    public void Explain_FillsNotNumbered_SaysWhatIsCachedButNotSinceWhen()
    {
        var guest = new ExplainedGuest(Small with { NumbersFills = false });
        guest.Map(Linear, 0x5000 | Used);
        guest.Mmu.Translate(Linear, Access.UserRead);

        WalkExplanation explanation = guest.Mmu.Explain(Linear, Access.UserRead);

        const PageAttributes Rights = PageAttributes.User | PageAttributes.Writable | PageAttributes.Dirty;
        Assert.Equal(
            new CacheContents(
                new CachedTranslation(0x5ABC, Rights, MemoryType.WriteBack, Number: null, FillsSince: null, IsStale: false),
                null,
                new CachedPde(ExplainedGuest.Table | Used, FillsBefore: null, FillsSince: null, IsStale: false)),
            explanation.Caches);
        string text = explanation.ToString();
        Assert.Contains("PAT type WB, agrees with the tables", text, StringComparison.Ordinal);
        Assert.Contains("0000000000006067, agrees with the tables", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x7000 | Used, false)] // another page
    [InlineData(0x5000 | 0x65, false)] // rights
    [InlineData(0x0ul, false)] // nothing
    [InlineData(0x5000 | 0x27, false)] // D cleared: a write would not set it
    [InlineData(0x5000 | 0x47, true)] // A cleared: the translation is the same
    [InlineData(0x5000 | Used | 0x200, true)] // a bit of software's
    public void Explain_TableEdited_SaysWhetherTheTlbIsStale(ulong pte, bool agrees)
    {
        var guest = new ExplainedGuest(Small);
        guest.Map(Linear, 0x5000 | Used);
        guest.Mmu.Translate(Linear, Access.UserRead);
        guest[guest.PteAddress(Linear)] = pte;

        WalkExplanation explanation = guest.Mmu.Explain(Linear, Access.UserRead);

        Assert.Equal(!agrees, explanation.Caches!.Value.Data!.Value.IsStale);
        Assert.Equal(agrees ? [] : [HintKind.StaleTranslation], explanation.Hints.Select(hint => hint.Kind));
        Assert.Equal(TranslationSource.Tlb, explanation.Source);
        Assert.Equal(0x5ABCUL, explanation.Result.PhysicalAddress);
        Assert.Equal(agrees, !explanation.ToString().Contains("DIFFERS from the tables", StringComparison.Ordinal));
    }

    [Fact]
    public void Explain_CleanInTheTlbOnly_IsNotStale()
    {
        var guest = new ExplainedGuest(Small);
        guest.Map(Linear, 0x5007);
        guest.Mmu.Translate(Linear, Access.UserRead);
        guest[guest.PteAddress(Linear)] = 0x5000 | Used; // D set by another processor

        WalkExplanation explanation = guest.Mmu.Explain(Linear, Access.UserWrite);

        Assert.False(explanation.Caches!.Value.Data!.Value.IsStale);
        Assert.Equal(TranslationSource.Tables, explanation.Source); // a write through a clean entry walks
    }

    [Fact]
    public void Explain_PatRewritten_TheTlbIsStale()
    {
        var guest = new ExplainedGuest(Small);
        guest.Map(Linear, 0x5000 | Used);
        guest.Mmu.Translate(Linear, Access.UserRead);
        Assert.True(guest.Mmu.WritePat(0x0007_0406_0007_0404));

        CachedTranslation cached = guest.Mmu.Explain(Linear, Access.UserRead).Caches!.Value.Data!.Value;

        Assert.True(cached.IsStale);
        Assert.Equal(MemoryType.WriteBack, cached.PatType);
    }

    [Fact]
    public void Explain_StaleGlobalPage_SaysThatCr3DoesNotHelp()
    {
        var guest = new ExplainedGuest(Small);
        guest.Map(Linear, 0x5000 | Used | 0x100);
        guest.Mmu.Translate(Linear, Access.UserRead);
        guest[guest.PteAddress(Linear)] = 0;

        Hint hint = Assert.Single(guest.Mmu.Explain(Linear, Access.UserRead).Hints);

        Assert.Contains("a write of CR3 keeps it", hint.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_StalePdeCache_ShowsTheWalkThatIsUsed()
    {
        var guest = new ExplainedGuest(Small);
        guest.Map(Linear, 0x5000 | Used);
        guest.Map(Other, 0x7000 | Used);
        guest.Mmu.Translate(Linear, Access.UserRead);
        guest[guest.PdeAddress(Linear)] = 0;

        WalkExplanation explanation = guest.Mmu.Explain(Other, Access.UserRead);

        Assert.Equal(TranslationSource.PdeCache, explanation.Source);
        Assert.Equal(0x7000UL, explanation.Result.PhysicalAddress);
        Assert.True(explanation.Tables.Result.IsFault);
        Assert.Equal([EntrySource.PdeCache, EntrySource.Memory], explanation.FromPdeCache!.Entries.Select(entry => entry.Source));
        Assert.Equal([HintKind.StalePde], explanation.Hints.Select(hint => hint.Kind));
        Assert.Contains("\nused        address", explanation.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TlbPermissionMiss.FaultNow, TranslationSource.Tlb)]
    [InlineData(TlbPermissionMiss.Rewalk, TranslationSource.Tables)]
    public void Explain_CachedRightsRefuse_FollowsThePermissionMiss(TlbPermissionMiss permissionMiss, TranslationSource source)
    {
        var guest = new ExplainedGuest(Small, PagingOptions.Default with { TlbPermissionMiss = permissionMiss });
        guest.Map(Linear, 0x5000 | 0x65);
        guest.Mmu.Translate(Linear, Access.UserRead);

        WalkExplanation explanation = guest.Mmu.Explain(Linear, Access.UserWrite);

        Assert.Equal(source, explanation.Source);
        Assert.Equal([new FaultReason(FaultCause.ReadOnlyPage, WalkLevel.Pte, 0, "4.6.1")], explanation.Reasons);
    }

    // Twins run the same random program; one of them is explained before each step. Least recently used entries, stamps, A and D,
    // every event and every result stay the same.
    [Theory]
    [Trait("Category", "Long")]
    [InlineData(1, true, false)]
    [InlineData(2, false, false)]
    [InlineData(5, true, true)]
    public void Explain_BeforeEachStep_ChangesNothing(int seed, bool pae, bool twoLevels)
    {
        var random = new Random(seed);
        TlbConfiguration tlbs = twoLevels ? TwoLevels : Small;
        var plain = new ExplainedGuest(tlbs, pae: pae);
        var explained = new ExplainedGuest(tlbs, pae: pae);
        int translated = 0;
        for (int step = 0; step < 20_000; step++)
        {
            uint looked = RandomAddress(random);
            Access lookedFor = RandomAccess(random);
            WalkResult probed = explained.Mmu.Probe(looked, lookedFor);
            WalkExplanation explanation = explained.Mmu.Explain(looked, lookedFor);
            Assert.Equal(probed, explanation.Result);
            Assert.Equal(probed.IsFault, explanation.Reasons.Count > 0);
            if (step % 500 == 0)
            {
                Assert.Equal(explanation.ToString(), explained.Mmu.Explain(looked, lookedFor).ToString());
                Assert.Equal(plain.Memory, explained.Memory);
            }

            int choice = random.Next(16);
            uint linear = RandomAddress(random);
            Access access = RandomAccess(random);
            bool directory = random.Next(3) == 0;
            ulong entry = RandomEntry(random);
            foreach (ExplainedGuest guest in (ExplainedGuest[])[plain, explained])
            {
                switch (choice)
                {
                    case < 3:
                        guest[directory ? guest.PdeAddress(linear) : guest.PteAddress(linear)] = entry;
                        break;
                    case 3:
                        guest.Mmu.Invlpg(linear);
                        break;
                    case 4:
                        guest.Mmu.WriteCr3(ExplainedGuest.Pdpt);
                        break;
                }
            }

            WalkResult result = plain.Mmu.Translate(linear, access);
            translated += result.IsFault ? 0 : 1;
            Assert.Equal(result, explained.Mmu.Translate(linear, access));
        }

        Assert.True(translated > 1000, $"{translated} translated");
        Assert.Equal(plain.Counts.Events, explained.Counts.Events);
        Assert.Equal(plain.Memory, explained.Memory);
        Assert.Equal(plain.Mmu.Cr0, explained.Mmu.Cr0);
        Assert.Equal(plain.Mmu.Cr3, explained.Mmu.Cr3);
    }

    // The result is Probe's in every configuration of caches, and with every choice that changes it.
    [Theory]
    [Trait("Category", "Long")]
    [InlineData(3, TlbPermissionMiss.Rewalk, false)]
    [InlineData(4, TlbPermissionMiss.FaultNow, true)]
    public void Explain_AnyCaches_AgreesWithProbe(int seed, TlbPermissionMiss permissionMiss, bool splinters)
    {
        PagingOptions options = PagingOptions.Default with
        {
            TlbPermissionMiss = permissionMiss,
            FaultInvalidates = false,
            ImplicitHonoursAlignmentCheck = splinters,
        };
        foreach (TlbConfiguration tlbs in (TlbConfiguration[])
        [
            TlbConfiguration.Coherent,
            TlbConfiguration.Randomized((ulong)seed),
            Small with { SplintersLargePages = splinters },
            TwoLevels,
        ])
        {
            var random = new Random(seed);
            var guest = new ExplainedGuest(
                tlbs, options, Cr4.PageGlobalEnable | Cr4.SupervisorAccessPrevention | Cr4.SupervisorExecutionPrevention);
            for (int step = 0; step < 20_000; step++)
            {
                uint linear = RandomAddress(random);
                Access access = RandomAccess(random);
                guest.Mmu.Translate(RandomAddress(random), RandomAccess(random));
                guest[random.Next(3) == 0 ? guest.PdeAddress(linear) : guest.PteAddress(linear)] = RandomEntry(random);

                WalkExplanation explanation = guest.Mmu.Explain(linear, access);

                Assert.Equal(guest.Mmu.Probe(linear, access), explanation.Result);
                Assert.Equal(explanation.Result.IsFault, explanation.Reasons.Count > 0);
            }
        }
    }

    private static uint RandomAddress(Random random) =>
        0x8060_0000u + (uint)(random.Next(2) << 21) + (uint)(random.Next(4) << 12) + (uint)random.Next(4096);

    private static Access RandomAccess(Random random) =>
        new((AccessKind)random.Next(4), (AccessMode)random.Next(3), alignmentCheck: random.Next(2) == 0);

    private static ulong RandomEntry(Random random)
    {
        ulong flags = (ulong)random.NextInt64(0x200) | (random.Next(8) == 0 ? 0UL : 1);
        ulong high = random.Next(8) switch
        {
            0 => 1UL << 63,
            1 => 1UL << random.Next(32, 63),
            _ => 0,
        };
        return (random.Next(3) == 0 ? (ulong)random.NextInt64(16) << 21 : ExplainedGuest.Table) | flags | high;
    }
}
