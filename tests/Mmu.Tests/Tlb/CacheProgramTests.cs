using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

// Random accesses, invalidations and changes of rights on whole caches against the naive ones.
public sealed class CacheProgramTests
{
    private const int Steps = 20_000;

    private static readonly Access[] Accesses =
    [
        Access.UserRead, Access.UserWrite, Access.UserFetch, Access.SupervisorRead, Access.SupervisorWrite,
        Access.SupervisorFetch,
    ];

    public static TheoryData<string> Models => [.. CpuModels.All.Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Models))]
    public void AnyProgram_CachesOfAModel_AgreeWithTheNaiveOnes(string name)
    {
        Run(CpuModels.Find(name)!.Tlbs, pages: 700, largePages: 20, new Random(name.Length));
        Run(CpuModels.Find(name)!.Tlbs, pages: 60, largePages: 3, new Random(name.Length + 100));
    }

    [Theory]
    [InlineData(Replacement.TreePlru, 4)]
    [InlineData(Replacement.TreePlru, 2)]
    [InlineData(Replacement.Lru, 3)]
    [InlineData(Replacement.Fifo, 4)]
    [InlineData(Replacement.Random, 4)]
    [InlineData(Replacement.ThreeTrees, 12)]
    public void AnyProgram_ThreeLevelsOfOnePolicy_AgreeWithTheNaiveOnes(Replacement policy, int ways)
    {
        TlbGeometry Sets(int sets) => new(sets, ways, policy);
        TlbConfiguration tlbs = new()
        {
            Instruction4K = Sets(1),
            InstructionSizesShare = true,
            Load4K = Sets(1),
            LoadLarge = Sets(1),
            Data4K = Sets(2),
            DataLarge = Sets(1),
            SecondData4K = Sets(4),
            SecondSizesShare = true,
            SecondIsUnified = true,
        };
        Run(tlbs, pages: 8 * ways, largePages: 3, new Random(ways));
    }

    // Two logical processors of a core take turns at random, each with control registers of its own.
    [Theory]
    [MemberData(nameof(Models))]
    public void AnyProgram_SiblingsOnACoreOfAModel_AgreeWithTheNaiveOnes(string name)
    {
        TlbConfiguration tlbs = CpuModels.Find(name)!.Tlbs;
        RunSiblings(tlbs, pages: 400, largePages: 20, new Random(name.Length));
        RunSiblings(tlbs, pages: 60, largePages: 3, new Random(name.Length + 100));
    }

    [Theory]
    [InlineData(Replacement.TreePlru, 4)]
    [InlineData(Replacement.Lru, 6)]
    [InlineData(Replacement.Fifo, 4)]
    [InlineData(Replacement.Random, 4)]
    public void AnyProgram_SiblingsThatShareSplitOrOwnEachArray_AgreeWithTheNaiveOnes(Replacement policy, int ways)
    {
        var random = new Random(ways);
        for (int i = 0; i < 12; i++)
        {
            bool unified = random.Next(2) == 0;
            bool hasSecond = random.Next(3) != 0;
            RunSiblings(
                new TlbConfiguration
                {
                    Instruction4K = Any(1),
                    InstructionSizesShare = random.Next(2) == 0,
                    InstructionLarge = Any(1),
                    Load4K = Any(1),
                    LoadLarge = Any(1),
                    Data4K = Any(2),
                    DataLarge = Any(1),
                    DataSizesShare = random.Next(2) == 0,
                    SecondData4K = hasSecond ? Any(4) : TlbGeometry.None,
                    SecondDataLarge = hasSecond ? Any(2) : TlbGeometry.None,
                    SecondSizesShare = random.Next(2) == 0,
                    SecondIsUnified = unified,
                    SecondInstruction4K = unified || !hasSecond ? TlbGeometry.None : Any(4),
                    PdeCache = Any(1),
                },
                pages: 6 * ways,
                largePages: 3,
                random);
        }

        TlbGeometry Any(int sets) => new(sets, ways, policy) { Siblings = (SiblingSharing)random.Next(3) };
    }

    private static void RunSiblings(TlbConfiguration tlbs, int pages, int largePages, Random random)
    {
        TlbConfiguration each = tlbs.ForSiblings();
        var first = new TranslationCaches(each);
        Run([first, new TranslationCaches(each, first)], NaiveCaches.Core(tlbs), pages, largePages, random);
    }

    private static void Run(TlbConfiguration tlbs, int pages, int largePages, Random random) =>
        Run([new TranslationCaches(tlbs)], [new NaiveCaches(tlbs)], pages, largePages, random);

    private static void Run(TranslationCaches[] siblings, NaiveCaches[] naives, int pages, int largePages, Random random)
    {
        var controls = new ControlRegisters[siblings.Length];
        var bus = new RamBus(new GuestMemory(4096));
        for (int i = 0; i < siblings.Length; i++)
        {
            controls[i] = new ControlRegisters(CpuFeatures.Full40);
            Assert.NotNull(controls[i].WriteCr4((uint)Cr4.PhysicalAddressExtension, ref bus));
            siblings[i].Follow(in controls[i].State);
        }

        uint linear = 0;
        for (int i = 0; i < Steps; i++)
        {
            int turn = siblings.Length == 1 ? 0 : random.Next(siblings.Length);
            (TranslationCaches caches, NaiveCaches naive, ControlRegisters control) = (siblings[turn], naives[turn], controls[turn]);
            linear = NextAddress(random, linear, pages, largePages);
            switch (random.Next(1000))
            {
                case < 4:
                    bool all = random.Next(4) == 0;
                    naive.Flush(all);
                    (all ? (Action)caches.FlushAll : caches.FlushNonGlobal)();
                    break;
                case < 20:
                    naive.Invalidate(linear);
                    caches.InvalidatePage(linear);
                    break;
                case < 24:
                    Cr0 writeProtect = random.Next(2) == 0 ? Cr0.WriteProtect : 0;
                    control.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging | writeProtect), ref bus);
                    caches.Follow(in control.State);
                    break;
                case < 200:
                    Assert.Equal(naive.HasPde(linear), caches.LookUpPde(linear) != 0);
                    naive.FillPde(linear);
                    caches.FillPde(linear, 1);
                    break;
                default:
                    Look(caches, naive, in control.State, linear, Accesses[random.Next(Accesses.Length)], random);
                    break;
            }
        }
    }

    private static void Look(
        TranslationCaches caches, NaiveCaches naive, in PagingState state, uint linear, Access access, Random random)
    {
        TlbHit expected = naive.LookUp(linear, access, out ulong payload);
        TlbHit found = caches.TryTranslate(linear, access, out WalkResult result);
        Assert.Equal(expected, found);
        Assert.Equal(found != TlbHit.None, caches.TryPeek(linear, access, out _, out uint stamp));
        Assert.Equal(naive.StampOf(linear, access), stamp);
        var held = (PageAttributes)(payload & 0x1FF);
        bool isLarge = linear >= LargeStart;
        if (found == TlbHit.None)
        {
            PageAttributes attributes = (PageAttributes)random.Next(0x80) | (isLarge ? PageAttributes.Large : 0)
                | (random.Next(3) == 0 ? PageAttributes.Global : 0);
            ulong frame = (ulong)random.Next(1 << 20) << 21;
            payload = frame | (uint)attributes;
            naive.Fill(linear, access, isLarge, payload);
            caches.Fill(linear, access, WalkResult.Translated(frame | (linear & (isLarge ? 0x1F_FFFF : 0xFFFu)), attributes));
            return;
        }

        Assert.Equal(held, result.Attributes);
        Assert.Equal((payload >> 12 << 12) | (linear & (isLarge ? 0x1F_FFFF : 0xFFFu)), result.PhysicalAddress);
        bool refused = AccessRights.Denies(state.Denied, access, held)
            || (access.IsWrite && (held & PageAttributes.Dirty) == 0);
        ulong kept = TlbLookup.PayloadOf(payload >> 12 << 12, (uint)held, isLarge);
        Assert.Equal(refused, caches.SideOf(access).Refuses(kept, access));
        if (refused)
        {
            // As an MMU does after the walk: what was held goes, and may be served from now on.
            PageAttributes attributes = PageAttributes.User | PageAttributes.Writable | PageAttributes.Dirty
                | (isLarge ? PageAttributes.Large : 0);
            naive.Drop(linear);
            naive.Fill(linear, access, isLarge, (uint)attributes);
            caches.Replace(linear, access, WalkResult.Translated(linear & (isLarge ? 0x1F_FFFF : 0xFFFu), attributes));
        }
    }

    private const uint LargeStart = 0x8000_0000;

    /// <summary>Often the same page again; large pages lie in the upper half.</summary>
    private static uint NextAddress(Random random, uint last, int pages, int largePages) => random.Next(10) switch
    {
        < 3 => (last & ~0xFFFu) | (uint)random.Next(4096),
        < 5 => LargeStart + ((uint)random.Next(largePages) << 21) + (uint)random.Next(1 << 21),
        _ => ((uint)random.Next(pages) << 12) + (uint)random.Next(4096),
    };
}
