using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>Whether the data caches may hold what an access or a walk reads (docs/rules.md, C71).</summary>
public sealed class MemoryTypingTests
{
    private const uint DefaultType = 0x2FF;
    private const ulong Enabled = 1 << 11;
    private const ulong Address = 0x5000;

    public static TheoryData<bool, bool, int> Processors
    {
        get
        {
            var data = new TheoryData<bool, bool, int>();
            foreach (int mtrr in new[] { -1, 0, 1, 4, 5, 6 }) // never enabled, UC, WC, WT, WP, WB
            {
                data.Add(true, false, mtrr);
                data.Add(true, true, mtrr);
                data.Add(false, false, mtrr);
            }

            return data;
        }
    }

    // Write-back, write-through and write-protected memory is cached; MTRRs that were never enabled do not count.
    [Theory]
    [MemberData(nameof(Processors))]
    public void IsCached_AnyPage_IsWhatItsTypeSays(bool pat, bool cacheDisable, int mtrr)
    {
        (ControlRegisters control, MemoryTyping typing) = Create(pat, cacheDisable, mtrr);
        var fromRanges = (MemoryType)(mtrr < 0 ? (int)MemoryType.WriteBack : mtrr);
        for (int bits = 0; bits < 8; bits++)
        {
            PageAttributes page = ((bits & 1) != 0 ? PageAttributes.WriteThrough : 0)
                | ((bits & 2) != 0 ? PageAttributes.CacheDisable : 0) | ((bits & 4) != 0 ? PageAttributes.Pat : 0);
            MemoryType fromPat = MemoryTypes.PatEntry(control.Pat, bits);
            bool expected = IsCached(pat, cacheDisable, fromRanges, fromPat, (bits & 2) != 0, (bits & 1) != 0);

            Assert.Equal(expected, typing.IsCached(typing.WithPatType(WalkResult.Translated(Address, page))));
        }
    }

    // A table is read with PCD and PWT of the entry above it; its other bits say nothing.
    [Theory]
    [MemberData(nameof(Processors))]
    public void IsTableCached_AnyEntryAbove_IsWhatItsTypeSays(bool pat, bool cacheDisable, int mtrr)
    {
        (ControlRegisters control, MemoryTyping typing) = Create(pat, cacheDisable, mtrr);
        var fromRanges = (MemoryType)(mtrr < 0 ? (int)MemoryType.WriteBack : mtrr);
        for (int bits = 0; bits < 4; bits++)
        {
            bool expected = IsCached(
                pat, cacheDisable, fromRanges, MemoryTypes.PatEntry(control.Pat, bits), (bits & 2) != 0, (bits & 1) != 0);

            Assert.Equal(expected, typing.IsTableCached(Address, 0x8000_0067UL | ((ulong)bits << 3)));
            Assert.Equal(expected, typing.IsTableCached(Address, (ulong)bits << 3));
        }
    }

    private static bool IsCached(
        bool pat, bool cacheDisable, MemoryType fromRanges, MemoryType fromPat, bool pcd, bool pwt) =>
        !cacheDisable
        && (pat ? MemoryTypes.Effective(fromRanges, fromPat) : MemoryTypes.EffectiveWithoutPat(fromRanges, pcd, pwt))
            is MemoryType.WriteBack or MemoryType.WriteThrough or MemoryType.WriteProtected;

    private static (ControlRegisters Control, MemoryTyping Typing) Create(bool pat, bool cacheDisable, int mtrr)
    {
        var control = new ControlRegisters(CpuFeatures.Pae36 with { Pat = pat });
        var typing = new MemoryTyping(control);
        var bus = new SpanBus(new byte[4096]);
        Assert.NotNull(control.WriteCr0(0x8000_0001 | (cacheDisable ? (uint)Cr0.CacheDisable : 0), ref bus));
        if (pat)
        {
            Assert.NotNull(control.WritePat(0x0107_0504_0001_0406)); // WB WT WC UC WT WP UC- WC
        }

        Assert.True(mtrr < 0 || typing.TryWrite(DefaultType, Enabled | (ulong)mtrr));
        typing.Follow();
        return (control, typing);
    }
}
