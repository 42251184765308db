using X86Pae.Paging;
using X86Pae.Tests.Paging;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

// Twins run the same random program. One of them holds a large page that nobody asks for, so that its lookups compare the sets of
// large pages as well, or has a PDE cache that is not under true LRU, so that no walk finds it in its indexed set: every result,
// every call of the timing with its arguments, every entry loaded and the tables at the end are the same.
public sealed class LargePageTwinTests
{
    private const int Steps = 12_000;
    private const int Regions = 24; // directory entries: more than some PDE caches hold
    private const int PagesInRegion = 12;

    private static readonly PagingOptions[] Choices =
    [
        PagingOptions.Default,
        new() { ImplicitHonoursAlignmentCheck = true, TlbPermissionMiss = TlbPermissionMiss.FaultNow },
    ];

    // But those whose arrays hold both sizes, of which the large page would take room.
    public static TheoryData<string> Models =>
        [.. CpuModels.All.Where(model => model.Tlbs is { DataSizesShare: false, SecondSizesShare: false }).Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Models))]
    public void AnyProgram_TwinWithALargePage_DoesTheSame(string name)
    {
        TlbConfiguration tlbs = CpuModels.Find(name)!.Tlbs;
        foreach (PagingOptions options in Choices)
        {
            Run(tlbs, options, new Random(name.Length));
        }
    }

    [Theory]
    [InlineData(Replacement.TreePlru, 2)]
    [InlineData(Replacement.TreePlru, 4)]
    [InlineData(Replacement.Lru, 16)]
    public void AnyProgram_LoadLevelAndAnyPdeCache_TwinWithALargePageDoesTheSame(Replacement policy, int ways)
    {
        var tlbs = new TlbConfiguration
        {
            Instruction4K = new(2, 4),
            InstructionLarge = new(1, 4),
            Load4K = new(1, 4),
            LoadLarge = new(1, 4),
            Data4K = new(4, 4),
            DataLarge = new(1, 4),
            PdeCache = new(1, ways, policy),
        };
        Run(tlbs, PagingOptions.Default, new Random(ways));
    }

    // All directory entries that there are fit, so that the order in which they would go does not matter.
    [Theory]
    [InlineData("core-duo")]
    [InlineData("nehalem-lynnfield")]
    public void AnyProgram_PdeCacheWithoutAnIndexedSet_WalksTheSame(string name)
    {
        TlbConfiguration tlbs = CpuModels.Find(name)!.Tlbs with { PdeCache = new(1, 32, Replacement.Lru) };
        foreach (PagingOptions options in Choices)
        {
            var other = new Twin(tlbs with { PdeCache = new(1, 32, Replacement.Fifo) }, options);
            Run(new Twin(tlbs, options), other, holdsLargePage: false, new Random(name.Length));
        }
    }

    private static void Run(TlbConfiguration tlbs, PagingOptions options, Random random) =>
        Run(new Twin(tlbs, options), new Twin(tlbs, options), holdsLargePage: true, random);

    private static void Run(Twin plain, Twin holding, bool holdsLargePage, Random random)
    {
        Twin[] twins = [plain, holding];
        if (holdsLargePage)
        {
            holding.HoldLargePage();
        }

        for (int step = 0; step < Steps; step++)
        {
            uint region = (uint)random.Next(random.Next(2) == 0 ? 3 : Regions);
            uint linear = (region << 21) + ((uint)random.Next(PagesInRegion) << 12) + (uint)random.Next(4096);
            int what = random.Next(1000);
            ulong entry = what < 40 ? RandomEntry(random) : 0;
            var access = new Access((AccessKind)random.Next(4), (AccessMode)random.Next(3), random.Next(2) == 0);
            foreach (Twin twin in twins)
            {
                Mmu<RecordingBus, LoggedTiming> mmu = twin.Mmu;
                switch (what)
                {
                    case < 40:
                        twin.Store(Twin.PteAddress(linear), entry);
                        break;
                    case < 60:
                        mmu.Invlpg(linear);
                        break;
                    case < 70:
                        mmu.WriteCr3(mmu.Cr3);
                        break;
                    case < 75:
                        mmu.WriteCr4((uint)(mmu.Cr4 ^ Cr4.PageGlobalEnable));
                        break;
                    case < 80:
                        mmu.WriteCr0((uint)(mmu.Cr0 ^ Cr0.WriteProtect));
                        break;
                    case < 85:
                        mmu.WriteCr4((uint)(mmu.Cr4 ^ Cr4.SupervisorAccessPrevention));
                        break;
                    case < 90:
                        mmu.WritePat(mmu.Pat == ControlRegisters.PatAtReset ? 0x0105_0406_0001_0406 : ControlRegisters.PatAtReset);
                        break;
                    default:
                        twin.Result = mmu.Translate(linear, access);
                        break;
                }
            }

            Assert.Equal(plain.Result, holding.Result);
            Assert.Equal(plain.Log.Calls, holding.Log.Calls);
            Assert.Equal(plain.Memory.Loads, holding.Memory.Loads);
            plain.Forget();
            holding.Forget();
            if (holdsLargePage && what is >= 70 and < 90)
            {
                holding.HoldLargePage(); // a full flush has dropped it
            }
        }

        Assert.Equal(plain.Memory.Bytes, holding.Memory.Bytes);
    }

    private static ulong RandomEntry(Random random)
    {
        ulong entry = ((ulong)random.Next(1 << 8) << 12) | ((ulong)random.Next(512) & ~EntryBits.Present);
        return random.Next(8) == 0 ? entry : entry | EntryBits.Present | (random.Next(9) == 0 ? EntryBits.ExecuteDisable : 0);
    }

    private sealed class Twin
    {
        private const uint Pdpt = 0x1000;
        private const uint Directory = 0x2000;
        private const uint Tables = 0x1_0000;
        private const uint LargePage = 100u << 21;
        private const ulong Flags = EntryBits.Present | EntryBits.Writable | EntryBits.User | EntryBits.Accessed;

        public Twin(TlbConfiguration tlbs, PagingOptions options)
        {
            Store(Pdpt, Directory | EntryBits.Present);
            Store(Directory + (8 * (LargePage >> 21)), Flags | EntryBits.Dirty | EntryBits.LargePage);
            for (uint region = 0; region < Regions; region++)
            {
                // Every fourth table has another memory type, and every fifth is read-only or a supervisor's.
                ulong rights = region % 5 == 4 ? region % 2 == 0 ? EntryBits.Writable : EntryBits.User : 0;
                ulong type = region % 4 == 3 ? EntryBits.WriteThrough : 0;
                Store(Directory + (8 * region), (Tables + (region << 12)) | (Flags & ~rights) | type);
                for (uint page = 0; page < PagesInRegion; page++)
                {
                    Store(PteAddress((region << 21) + (page << 12)), ((region * 64) + page) << 12 | Flags | EntryBits.Dirty);
                }
            }

            Mmu = new Mmu<RecordingBus, LoggedTiming>(
                new RecordingBus(Memory), new LoggedTiming(Log), CpuFeatures.Full40, tlbs, options);
            Assert.True(Mmu.WriteEfer((ulong)Efer.ExecuteDisableEnable));
            Assert.True(Mmu.WriteCr3(Pdpt));
            Assert.True(Mmu.WriteCr4((uint)(Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable)));
            Assert.True(Mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging | Cr0.WriteProtect)));
            Forget();
        }

        public RecordedMemory Memory { get; } = new(new byte[0x4_0000]);

        public TimingLog Log { get; } = new();

        public Mmu<RecordingBus, LoggedTiming> Mmu { get; }

        public WalkResult Result { get; set; }

        public static uint PteAddress(uint linear) => Tables + (linear >> 21 << 12) + (8 * ((linear >> 12) & 511));

        public void Store(uint address, ulong entry) => new RecordingBus(Memory).Store(address, entry);

        /// <summary>Fills an entry for a large page, of which no trace is kept.</summary>
        public void HoldLargePage()
        {
            Assert.False(Mmu.Translate(LargePage, Access.UserRead).IsFault);
            Forget();
        }

        public void Forget()
        {
            Log.Calls.Clear();
            Memory.Loads.Clear();
        }
    }
}
