using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

// Invalidations carried out late, one by one or in one sweep, leave in the caches of each reader what INVLPGs at once would have left.
public sealed class InvalidationLogTests
{
    private const int Readers = 70; // more than a word of the set
    private const uint SmallPages = 48;
    private const uint LargeAt = 0x40_0000;
    private const uint LargePages = 2;

    private static readonly CpuFeatures Features = CpuFeatures.Full40;
    private static readonly uint[] Pages = EveryPage();

    private static readonly TlbConfiguration Whole = new()
    {
        Instruction4K = new(4, 4),
        InstructionLarge = new(2, 2),
        Data4K = new(8, 4),
        DataLarge = new(2, 4),
        SecondData4K = new(1, 32),
        SecondIsUnified = true,
        PdeCache = new(1, 8),
    };

    [Theory]
    [InlineData(4)] // few shootdowns before a reader needs its caches
    [InlineData(60)] // more than are carried out one by one
    public void CatchUp_AnyProgram_LeavesWhatInvalidationAtOnceDoes(int shootdownsInARow)
    {
        for (int seed = 0; seed < 2; seed++)
        {
            var random = new Random(seed);
            var log = new InvalidationLog(Readers);
            Reader[] readers =
            [
                new(0, Whole, twoLevel: false), new(5, Whole, twoLevel: false), new(63, Whole, twoLevel: true),
                new(64, Whole with { SplintersLargePages = true }, twoLevel: false), new(69, Whole, twoLevel: false),
            ];
            for (int round = 0; round < 40; round++)
            {
                for (int i = random.Next(shootdownsInARow); i > 0; i--)
                {
                    Invalidate(log, readers, random);
                }

                Reader reader = readers[random.Next(readers.Length)];
                reader.CatchUp(log);
                reader.AssertSame();
                reader.Fill(random);
                if (random.Next(10) == 0)
                {
                    Array.ForEach(readers, each => each.CatchUp(log));
                    log.Empty();
                }
            }
        }
    }

    [Fact]
    public void Add_UntilFull_HoldsAtLeastAThousandAndStartsAgainWhenEmptied()
    {
        var log = new InvalidationLog(Readers);
        var caches = new TranslationCaches(Whole);
        int additions = 0;
        for (; !log.IsFull; additions++)
        {
            log.Add((uint)additions << 12, 1, place: 0, set: 1);
            log.Advance();
        }

        Assert.InRange(additions, 1000, 100_000);
        Assert.Equal(1ul, log.BehindIn(0));
        log.CatchUp(0, caches);
        log.Empty();
        Assert.Equal(0ul, log.BehindIn(0));
        Assert.False(log.IsFull);
    }

    [Fact]
    public void CatchUp_RangeAtTheEndOfTheAddressSpace_GoesOnAtItsStart()
    {
        foreach (int others in new[] { 0, 40 })
        {
            var log = new InvalidationLog(readers: 1);
            var caches = new TranslationCaches(TlbConfiguration.Coherent with { Data4K = new(4, 4) });
            foreach (uint linear in new[] { 0xFFFF_E000, 0xFFFF_F000, 0u, 0x1000u })
            {
                caches.Fill(linear, Access.SupervisorRead, WalkResult.Translated(0x9000, PageAttributes.None));
            }

            for (int i = 0; i < others; i++)
            {
                log.Add(0x8000_0000, 1, place: 0, set: 1);
                log.Advance();
            }

            log.Add(0xFFFF_F000, 2, place: 0, set: 1);
            log.Advance();
            log.CatchUp(0, caches);

            Assert.True(caches.TryPeek(0xFFFF_E000, Access.SupervisorRead, out _, out _));
            Assert.False(caches.TryPeek(0xFFFF_F000, Access.SupervisorRead, out _, out _));
            Assert.False(caches.TryPeek(0, Access.SupervisorRead, out _, out _));
            Assert.True(caches.TryPeek(0x1000, Access.SupervisorRead, out _, out _));
        }
    }

    // A sweep drops what is in the log then, not what was before it was emptied.
    [Fact]
    public void CatchUp_AfterTheLogWasEmptied_DropsTheNewPagesAlone()
    {
        var log = new InvalidationLog(readers: 1);
        var caches = new TranslationCaches(TlbConfiguration.Coherent with { Data4K = new(4, 4) });
        uint[] pages = [0x0000_1000, 0x0020_1000, 0x4000_1000]; // far from each other
        foreach (uint dropped in pages)
        {
            foreach (uint linear in pages)
            {
                caches.Use(linear, Access.SupervisorRead, WalkResult.Translated(0x9000, PageAttributes.None));
            }

            for (int i = 0; i < 40; i++)
            {
                log.Add(dropped, 1, place: 0, set: 1);
                log.Advance();
            }

            log.CatchUp(0, caches);
            log.Empty();

            foreach (uint linear in pages)
            {
                Assert.Equal(linear != dropped, caches.TryPeek(linear, Access.SupervisorRead, out _, out _));
            }
        }
    }

    private static void Invalidate(InvalidationLog log, Reader[] readers, Random random)
    {
        // Most shootdowns go to everybody; who is left out of one must have caught up, or would lose the pages as well.
        bool all = random.Next(8) != 0;
        Reader[] chosen = [.. readers.Where(_ => all || random.Next(2) == 0)];
        Array.ForEach([.. readers.Except(chosen)], each => each.CatchUp(log));
        if (log.IsFull)
        {
            Array.ForEach(readers, each => each.CatchUp(log));
            log.Empty();
        }

        var range = new PageRange(Linear(random), (uint)random.Next(1, 4));
        for (int place = 0; place < 2; place++)
        {
            Reader[] there = [.. chosen.Where(reader => reader.Number / 64 == place)];
            ulong expected = Bits(there.Where(reader => !reader.IsBehind));

            Assert.Equal(expected, log.Add(range.Linear, range.Count, place, Bits(there)));
        }

        log.Advance();
        Array.ForEach(chosen, reader => reader.InvalidateAtOnce(range));
        for (int place = 0; place < 2; place++)
        {
            Assert.Equal(Bits(readers.Where(reader => reader.IsBehind && reader.Number / 64 == place)), log.BehindIn(place));
        }
    }

    private static ulong Bits(IEnumerable<Reader> readers) =>
        readers.Aggregate(0ul, (bits, reader) => bits | (1ul << (reader.Number % 64)));

    private static uint Linear(Random random) => random.Next(3) == 0
        ? LargeAt + ((uint)random.Next((int)LargePages * 512) << 12)
        : (uint)random.Next((int)SmallPages) << 12;

    private static uint[] EveryPage() =>
    [
        .. Enumerable.Range(0, (int)SmallPages).Select(page => (uint)page << 12),
        .. Enumerable.Range(0, (int)LargePages * 512).Select(piece => LargeAt + ((uint)piece << 12)),
    ];

    /// <summary>A reader with its caches, and with others in which everything is done at once.</summary>
    private sealed class Reader
    {
        private readonly TranslationCaches _caches;
        private readonly TranslationCaches _expected;
        private readonly bool _twoLevel;

        public Reader(int number, TlbConfiguration configuration, bool twoLevel)
        {
            Number = number;
            _caches = new TranslationCaches(configuration);
            _expected = new TranslationCaches(configuration);
            _twoLevel = twoLevel;
            Cr4 cr4 = twoLevel ? Cr4.PageSizeExtensions : Cr4.PhysicalAddressExtension;
            var state = new PagingState(
                Features, PagingOptions.Default, Cr0.Paging | Cr0.ProtectionEnable, 0, cr4, default, default, ulong.MaxValue);
            _caches.Follow(in state);
            _expected.Follow(in state);
        }

        public int Number { get; }

        public bool IsBehind { get; private set; }

        public void InvalidateAtOnce(PageRange range)
        {
            IsBehind = true;
            for (uint i = 0; i < range.Count; i++)
            {
                _expected.InvalidatePage(range.Linear + (i * 4096));
            }
        }

        public void CatchUp(InvalidationLog log)
        {
            IsBehind = false;
            log.CatchUp(Number, _caches); // does nothing where nothing is new
        }

        // Pages that are not held, as a walk after a miss would.
        public void Fill(Random random)
        {
            for (int i = 0; i < 40; i++)
            {
                uint linear = Linear(random);
                Access access = random.Next(2) == 0 ? Access.SupervisorRead : Access.SupervisorFetch;
                PageAttributes attributes = (random.Next(2) == 0 ? PageAttributes.Global : PageAttributes.None)
                    | (linear >= LargeAt ? PageAttributes.Large : PageAttributes.None);
                WalkResult walked = WalkResult.Translated(linear, attributes);
                bool fillPde = random.Next(8) == 0;
                foreach (TranslationCaches caches in new[] { _caches, _expected })
                {
                    caches.Use(linear, access, walked);
                    if (fillPde && caches.LookUpPde(linear) == 0)
                    {
                        caches.FillPde(linear, 0x7023);
                    }
                }
            }
        }

        private bool IsSame(uint linear, Access access) =>
            _expected.TryPeek(linear, access, out WalkResult expected, out _) == _caches.TryPeek(linear, access, out WalkResult result, out _)
            && expected == result;

        public void AssertSame()
        {
            uint step = _twoLevel ? 0x40_0000u : 0x20_0000u;
            foreach (Access access in new[] { Access.SupervisorRead, Access.SupervisorFetch })
            {
                Assert.DoesNotContain(Pages, linear => !IsSame(linear, access));
            }

            for (uint linear = 0; linear <= LargeAt + (LargePages << 21); linear += step)
            {
                Assert.Equal(_expected.PeekPde(linear, out _), _caches.PeekPde(linear, out _));
            }
        }
    }
}
