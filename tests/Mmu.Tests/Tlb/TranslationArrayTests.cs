using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

public sealed class TranslationArrayTests
{
    private const uint LastPage = 0xF_FFFF;

    // Flushes are frequent enough for the generations of both kinds to run out several times.
    [Theory]
    [InlineData(1, 1, 40)]
    [InlineData(1, 2, 60)]
    [InlineData(32, 4, 60)]
    [InlineData(2, 4, 60)]
    [InlineData(4, 8, 60)]
    [InlineData(1, 16, 60)]
    [InlineData(1, 64, 20)]
    [InlineData(64, 1, 60)]
    public void AnyProgram_AgreesWithTheNaiveArray(int sets, int ways, int flushesInThousand)
    {
        var geometry = new TlbGeometry(sets, ways);
        uint[] pages = [.. Enumerable.Range(0, Math.Max(3, geometry.Entries * 3 / 2)).Select(page => LastPage - (uint)page)];
        ArrayProgram.Run(geometry, new Random((sets * 100) + ways), pages, steps: 150_000, flushesInThousand);
    }

    // A generation number is 11 bits wide and 0 is never current.
    [Theory]
    [InlineData(2046)]
    [InlineData(2047)]
    [InlineData(2048)]
    [InlineData(4094)]
    [InlineData(5000)]
    public void FlushNonGlobal_UntilGenerationsRunOut_KeepsGlobalEntriesOnly(int flushes)
    {
        var array = new OwnedArray(new(4, 4));
        array.Insert(1, 11, global: true, stamp: 0);
        array.Insert(2, 22, global: false, stamp: 0);
        for (int i = 0; i < flushes; i++)
        {
            array.FlushNonGlobal();
            Assert.False(array.TryGet(2, out _));
        }

        Assert.True(array.TryGet(1, out ulong payload));
        Assert.Equal(11ul, payload);
        array.Insert(2, 23, global: false, stamp: 0);
        Assert.True(array.TryGet(2, out _));
    }

    // Global entries keep a generation that others come by again and again.
    [Fact]
    public void FlushNonGlobal_GlobalEntryOfALateGeneration_IsNeverTakenForAnother()
    {
        var array = new OwnedArray(new(4, 4));
        for (int i = 0; i < 2040; i++)
        {
            array.FlushNonGlobal();
        }

        array.FlushAll();
        array.Insert(1, 11, global: true, stamp: 0);
        for (int i = 0; i < 6000; i++)
        {
            array.Insert(2, 22, global: false, stamp: 0);
            array.FlushNonGlobal();
            Assert.True(array.TryGet(1, out _));
            Assert.False(array.TryGet(2, out _));
        }
    }

    [Fact]
    public void FlushNonGlobal_ByAnotherOwnerUntilGenerationsRunOut_DropsNothingOfOthers()
    {
        var space = new GenerationSpace(TranslationArray.PageBits);
        var array = new TranslationArray(new(4, 4), space, isStamped: true);
        Generations[] owners = [new(space, 0), new(space, 1)];
        foreach (Generations owner in owners)
        {
            Generations other = owners[1 - owner.Index];
            array.Add(1, owner, 11, global: false, stamp: 0);
            array.Add(2, owner, 22, global: true, stamp: 0);
            for (int i = 0; i < 5000; i++)
            {
                other.FlushNonGlobal();
            }

            Assert.Equal(11ul, array.Peek(1, owner, out _));
            Assert.Equal(22ul, array.Peek(2, owner, out _));
        }
    }

    [Fact]
    public void FlushAll_AfterUnequalNumbersOfFlushes_LeavesNothing()
    {
        var array = new OwnedArray(new(2, 2));
        for (int i = 0; i < 6000; i++)
        {
            array.Insert(0, 1, global: true, stamp: 0);
            array.Insert(1, 2, global: false, stamp: 0);
            array.FlushAll();
            Assert.False(array.TryGet(0, out _) || array.TryGet(1, out _));
            if (i % 3 == 0)
            {
                array.FlushNonGlobal();
            }
        }
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Insert_PageThatIsHeld_ReplacesItsOwnEntryWhateverItsKind(bool first, bool second)
    {
        var array = new OwnedArray(new(1, 4));
        array.Insert(5, 1, first, stamp: 0);
        array.Insert(5, 2, second, stamp: 0);

        Assert.True(array.TryGet(5, out ulong payload));
        Assert.Equal(2ul, payload);
        Assert.True(array.Remove(5));
        Assert.False(array.TryGet(5, out _));
        array.Insert(5, 3, first, stamp: 0);
        array.Insert(5, 4, second, stamp: 0);
        array.FlushNonGlobal();
        Assert.Equal(second, array.TryGet(5, out _));
    }

    [Fact]
    public void TryPeek_AnyNumber_DoesNotCountAsUse()
    {
        var array = new OwnedArray(new(1, 2));
        array.Insert(1, 1, global: false, stamp: 0);
        array.Insert(2, 2, global: false, stamp: 0);
        Assert.True(array.TryPeek(1, out _, out _));
        array.Insert(3, 3, global: false, stamp: 0);

        Assert.False(array.TryPeek(1, out _, out _));
        Assert.True(array.TryPeek(2, out _, out _));
    }

    [Theory]
    [InlineData(3, 4)]
    [InlineData(4, 3)]
    [InlineData(1, 128)]
    [InlineData(4, 0)]
    [InlineData(0, 4)]
    [InlineData(-4, 4)]
    public void Geometry_ThatCannotBe_Throws(int sets, int ways)
    {
        Assert.Throws<ArgumentException>(() => new OwnedArray(new(sets, ways)));
    }
}
