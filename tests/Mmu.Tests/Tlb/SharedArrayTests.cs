using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

// Pages of both sizes in one array, with each policy and each way to select a set.
public sealed class SharedArrayTests
{
    private const uint Large = TranslationArray.LargePage;

    // Half of the pages are large; one flush in forty operations makes the generations of both kinds run out several times.
    [Theory]
    [InlineData(1, 1, Replacement.Lru, SetIndex.Linear)]
    [InlineData(16, 1, Replacement.Fifo, SetIndex.Xor)]
    [InlineData(16, 4, Replacement.TreePlru, SetIndex.Linear)]
    [InlineData(16, 4, Replacement.TreePlru, SetIndex.Xor)]
    [InlineData(1, 64, Replacement.TreePlru, SetIndex.Xor)]
    [InlineData(4, 3, Replacement.Lru, SetIndex.Linear)]
    [InlineData(1, 7, Replacement.Lru, SetIndex.Linear)]
    [InlineData(1, 48, Replacement.Lru, SetIndex.Linear)]
    [InlineData(1, 64, Replacement.Lru, SetIndex.Linear)]
    [InlineData(1, 128, Replacement.Lru, SetIndex.Linear)]
    [InlineData(128, 12, Replacement.Lru, SetIndex.Linear)]
    [InlineData(2, 5, Replacement.Fifo, SetIndex.Xor)]
    [InlineData(1, 48, Replacement.Fifo, SetIndex.Linear)]
    [InlineData(4, 6, Replacement.Random, SetIndex.Linear)]
    [InlineData(1, 128, Replacement.Random, SetIndex.Linear)]
    [InlineData(1, 12, Replacement.ThreeTrees, SetIndex.Linear)]
    [InlineData(8, 12, Replacement.ThreeTrees, SetIndex.Linear)]
    [InlineData(128, 12, Replacement.ThreeTrees, SetIndex.Xor)]
    public void AnyProgram_AgreesWithTheNaiveArray(int sets, int ways, Replacement replacement, SetIndex index)
    {
        var geometry = new TlbGeometry(sets, ways, replacement, index);
        var random = new Random((sets * 1000) + (ways * 10) + (int)replacement);
        ArrayProgram.Run(
            geometry, random, Pages(random, Math.Max(4, geometry.Entries * 3 / 2)), steps: 60_000, flushesInThousand: 25);
    }

    [Fact]
    public void LargePage_SameNumberAsASmallOne_IsAnotherPage()
    {
        var array = new OwnedArray(new(4, 4));
        array.Insert(5, 1, global: false, stamp: 10);
        array.Insert(5 | Large, 2, global: true, stamp: 11);

        Assert.True(array.TryPeek(5, out ulong small, out uint smallStamp));
        Assert.True(array.TryPeek(5 | Large, out ulong large, out uint largeStamp));
        Assert.Equal((1ul, 10u, 2ul, 11u), (small, smallStamp, large, largeStamp));
        Assert.True(array.Remove(5));
        Assert.True(array.TryGet(5 | Large, out _));
    }

    [Fact]
    public void LargePage_TakesTheRoomOfSmallOnes()
    {
        var array = new OwnedArray(new(1, 2, Replacement.Lru));
        array.Insert(1, 1, global: false, stamp: 0);
        array.Insert(2, 2, global: false, stamp: 0);
        array.Insert(3 | Large, 3, global: false, stamp: 0);

        Assert.Equal((false, true, true), (Holds(array, 1), Holds(array, 2), Holds(array, 3 | Large)));
    }

    [Theory]
    [InlineData(1, Replacement.Lru)]
    [InlineData(3, Replacement.Fifo)]
    [InlineData(4, Replacement.TreePlru)]
    [InlineData(5, Replacement.Lru)]
    [InlineData(7, Replacement.Lru)]
    [InlineData(8, Replacement.TreePlru)]
    [InlineData(12, Replacement.ThreeTrees)]
    [InlineData(12, Replacement.Lru)]
    [InlineData(48, Replacement.Lru)]
    [InlineData(64, Replacement.Lru)]
    [InlineData(64, Replacement.TreePlru)]
    [InlineData(128, Replacement.Lru)]
    public void FullyAssociative_AsManyPagesAsWays_HoldsAllAndNotOneMore(int ways, Replacement replacement)
    {
        var array = new OwnedArray(new(1, ways, replacement));
        for (uint page = 0; page < ways; page++)
        {
            array.Insert(page * 977, page + 1, global: page % 2 == 0, stamp: 0);
        }

        Assert.Equal(ways, Enumerable.Range(0, ways).Count(page => Holds(array, (uint)page * 977)));
        array.Insert(0xF_FFFF, 1, global: false, stamp: 0);
        Assert.True(Holds(array, 0xF_FFFF));
        Assert.Equal(ways - 1, Enumerable.Range(0, ways).Count(page => Holds(array, (uint)page * 977)));
    }

    [Theory]
    [InlineData(48)]
    [InlineData(64)]
    [InlineData(128)]
    public void FullyAssociativeLru_OnePageTooMany_LosesTheOneUsedLongestAgo(int ways)
    {
        var array = new OwnedArray(new(1, ways, Replacement.Lru));
        for (uint page = 0; page < ways; page++)
        {
            array.Insert(page, page + 1, global: false, stamp: 0);
        }

        Assert.True(array.TryGet(0, out _));
        array.Insert((uint)ways, 1, global: false, stamp: 0);
        Assert.Equal((true, false, true), (Holds(array, 0), Holds(array, 1), Holds(array, 2)));
    }

    // 128 sets: bits 6:0 xor bits 13:7; nothing above counts, as measured on Skylake (vusec/tlbdr).
    [Theory]
    [InlineData(0x0000, 0x0081, true)]
    [InlineData(0x0000, 0x3FFF, true)]
    [InlineData(0x0000, 0x0080, false)]
    [InlineData(0x0001, 0x0080, true)]
    [InlineData(0x0000, 0x4000, true)]
    [InlineData(0x0000, 0x8_0000, true)]
    [InlineData(0x0055, 0x2A80, true)]
    [InlineData(0x0055, 0x0055 | Large, true)]
    [InlineData(0x0040, 0x2000, true)]
    public void XorIndex_TwoPages_ShareASetIfTheirFieldsAgree(uint first, uint second, bool shared)
    {
        var array = new OwnedArray(new(128, 1, Replacement.Lru, SetIndex.Xor));
        array.Insert(first, 1, global: false, stamp: 0);
        array.Insert(second, 2, global: false, stamp: 0);

        Assert.True(Holds(array, second));
        Assert.Equal(shared, !Holds(array, first));
    }

    [Theory]
    [InlineData(0, 128, true)]
    [InlineData(0, 64, false)]
    [InlineData(5, 5 | Large, true)]
    [InlineData(0, 129, false)]
    public void LinearIndex_TwoPages_ShareASetIfTheirLowBitsAgree(uint first, uint second, bool shared)
    {
        var array = new OwnedArray(new(128, 1));
        array.Insert(first, 1, global: false, stamp: 0);
        array.Insert(second, 2, global: false, stamp: 0);

        Assert.Equal(shared, !Holds(array, first));
    }

    [Fact]
    public void Evict_Place_DropsTheEntryThereAndNoOther()
    {
        for (uint place = 0; place < 8; place++)
        {
            var array = new OwnedArray(new(2, 4));
            for (uint page = 0; page < 8; page++)
            {
                array.Insert(page, page + 1, global: page >= 4, stamp: 0); // page p is in set p % 2, way p / 2
            }

            array.Evict(place + 16);

            uint dropped = (place / 4) + (place % 4 * 2);
            Assert.All(Enumerable.Range(0, 8), page => Assert.Equal(page != dropped, Holds(array, (uint)page)));
        }
    }

    // A generation number is 10 bits wide and 0 is never current.
    [Theory]
    [InlineData(1022)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(2046)]
    [InlineData(3000)]
    public void FlushNonGlobal_UntilGenerationsRunOut_KeepsGlobalEntriesOfBothSizes(int flushes)
    {
        var array = new OwnedArray(new(4, 4));
        array.Insert(1, 11, global: true, stamp: 0);
        array.Insert(1 | Large, 12, global: true, stamp: 0);
        array.Insert(2, 21, global: false, stamp: 0);
        array.Insert(2 | Large, 22, global: false, stamp: 0);
        for (int i = 0; i < flushes; i++)
        {
            array.FlushNonGlobal();
            Assert.False(Holds(array, 2) || Holds(array, 2 | Large));
        }

        Assert.True(Holds(array, 1) && Holds(array, 1 | Large));
        array.Insert(3, 31, global: false, stamp: 0);
        Assert.True(Holds(array, 3));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(700)]
    public void FlushAll_UntilGenerationsRunOut_LeavesNothing(int nonGlobalFlushesFirst)
    {
        var array = new OwnedArray(new(1, 4));
        for (int i = 0; i < nonGlobalFlushesFirst; i++)
        {
            array.FlushNonGlobal();
        }

        array.Insert(1, 1, global: true, stamp: 0);
        array.Insert(2, 2, global: false, stamp: 0);
        for (int i = 0; i < 2500; i++)
        {
            array.FlushAll();
            Assert.False(Holds(array, 1) || Holds(array, 2));
        }
    }

    [Theory]
    [InlineData(3, 4)]
    [InlineData(-4, 4)]
    [InlineData(6, 1)]
    public void Constructor_SetsThatAreNoPowerOfTwo_Throws(int sets, int ways)
    {
        ArgumentException e = Assert.Throws<ArgumentException>("geometry", () => new OwnedArray(new(sets, ways)));

        Assert.Contains($"not {sets}", e.Message, StringComparison.Ordinal);
    }

    private static bool Holds(OwnedArray array, uint page) => array.TryPeek(page, out _, out _);

    private static uint[] Pages(Random random, int count)
    {
        uint[] pages = new uint[count];
        for (int i = 0; i < count; i++)
        {
            pages[i] = (uint)random.Next(1 << 20) | (i % 2 == 0 ? 0 : Large);
        }

        (pages[0], pages[1], pages[2], pages[3]) = (0, Large, 0xF_FFFF, 0xF_FFFF | Large);
        return pages;
    }
}
