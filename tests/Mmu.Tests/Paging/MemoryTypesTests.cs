using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

public sealed class MemoryTypesTests
{
    private static readonly Dictionary<string, MemoryType> Names = new()
    {
        ["UC"] = MemoryType.Uncacheable,
        ["UC-"] = MemoryType.UncacheableMinus,
        ["WC"] = MemoryType.WriteCombining,
        ["WT"] = MemoryType.WriteThrough,
        ["WB"] = MemoryType.WriteBack,
        ["WP"] = MemoryType.WriteProtected,
    };

    // C71. Intel SDM vol. 3, table 11-7, transcribed as the manual prints it: for each MTRR type the six PAT types.
    [Theory]
    [InlineData("UC", "UC=UC UC-=UC WC=WC WT=UC WB=UC WP=UC")]
    [InlineData("WC", "UC=UC UC-=WC WC=WC WT=UC WB=WC WP=UC")]
    [InlineData("WT", "UC=UC UC-=UC WC=WC WT=WT WB=WT WP=WP")]
    [InlineData("WB", "UC=UC UC-=UC WC=WC WT=WT WB=WB WP=WP")]
    [InlineData("WP", "UC=UC UC-=WC WC=WC WT=WT WB=WP WP=WP")]
    public void Effective_EachCell_IsAsInTheManual(string mtrr, string row)
    {
        string[] cells = row.Split(' ');

        Assert.Equal(6, cells.Length);
        Assert.All(cells, cell =>
        {
            string[] patAndResult = cell.Split('=');
            Assert.Equal(Names[patAndResult[1]], MemoryTypes.Effective(Names[mtrr], Names[patAndResult[0]]));
        });
    }

    // C71. Table 11-6: by PCD and PWT, 00 01 10 11.
    [Theory]
    [InlineData("UC", "UC UC UC UC")]
    [InlineData("WC", "WC WC WC UC")]
    [InlineData("WT", "WT WT UC UC")]
    [InlineData("WP", "WP WP WC UC")]
    [InlineData("WB", "WB WT UC UC")]
    public void EffectiveWithoutPat_EachCell_IsAsInTheManual(string mtrr, string row)
    {
        string[] cells = row.Split(' ');
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(
                Names[cells[i]],
                MemoryTypes.EffectiveWithoutPat(Names[mtrr], cacheDisable: (i & 2) != 0, writeThrough: (i & 1) != 0));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(255)]
    public void Effective_NoTypeOfAnMtrr_NamesTheParameter(byte encoding)
    {
        var type = (MemoryType)encoding;

        Assert.Throws<ArgumentOutOfRangeException>("mtrr", () => MemoryTypes.Effective(type, MemoryType.WriteBack));
        Assert.Throws<ArgumentOutOfRangeException>("mtrr", () => MemoryTypes.EffectiveWithoutPat(type, false, false));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(255)]
    public void Effective_NoTypeOfThePat_NamesTheParameter(byte encoding) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            "pat", () => MemoryTypes.Effective(MemoryType.WriteBack, (MemoryType)encoding));

    [Fact]
    public void PatEntry_AtReset_IsTheManualsDefaultTwice()
    {
        IEnumerable<MemoryType> types =
            Enumerable.Range(0, 8).Select(index => MemoryTypes.PatEntry(ControlRegisters.PatAtReset, index));

        MemoryType[] half =
            [MemoryType.WriteBack, MemoryType.WriteThrough, MemoryType.UncacheableMinus, MemoryType.Uncacheable];
        Assert.Equal([.. half, .. half], types);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(8)]
    public void PatEntry_NoSuchIndex_NamesTheParameter(int index) =>
        Assert.Throws<ArgumentOutOfRangeException>(nameof(index), () => MemoryTypes.PatEntry(0, index));

    [Fact]
    public void PatIndex_EachCombination_IsFourPatPlusTwoPcdPlusPwt()
    {
        const PageAttributes Others = (PageAttributes)0x1FF
            & ~(PageAttributes.Pat | PageAttributes.CacheDisable | PageAttributes.WriteThrough);
        for (int i = 0; i < 8; i++)
        {
            PageAttributes page = ((i & 4) != 0 ? PageAttributes.Pat : 0)
                | ((i & 2) != 0 ? PageAttributes.CacheDisable : 0)
                | ((i & 1) != 0 ? PageAttributes.WriteThrough : 0);

            Assert.Equal((i, i), (MemoryTypes.PatIndex(page), MemoryTypes.PatIndex(page | Others)));
        }
    }

    [Theory]
    [InlineData(0x0UL, 0)]
    [InlineData(0x8UL, 1)]
    [InlineData(0x10UL, 2)]
    [InlineData(0x18UL, 3)]
    [InlineData(0xFFFF_FFFF_FFFF_FFE7UL, 0)]
    [InlineData(0xFFFF_FFFF_FFFF_FFFFUL, 3)]
    public void PatIndexOfTable_PointingEntry_IsTwoPcdPlusPwt(ulong entry, int index) =>
        Assert.Equal(index, MemoryTypes.PatIndexOfTable(entry));

    [Theory]
    [InlineData(Cr0.Paging, MemoryType.WriteThrough)]
    [InlineData(Cr0.None, MemoryType.WriteBack)]
    [InlineData(Cr0.Paging | Cr0.CacheDisable, MemoryType.Uncacheable)]
    [InlineData(Cr0.Paging | Cr0.CacheDisable | Cr0.NotWriteThrough, MemoryType.Uncacheable)]
    [InlineData(Cr0.CacheDisable, MemoryType.Uncacheable)]
    public void UnderCr0_CacheDisableThenPaging_Decide(Cr0 cr0, MemoryType expected) =>
        Assert.Equal(expected, MemoryTypes.UnderCr0(cr0, MemoryType.WriteBack, MemoryType.WriteThrough));
}
