using System.Runtime.CompilerServices;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests;

/// <summary>What only the host can get wrong: an exception that names the parameter, and nothing has happened.</summary>
public sealed class MmuMisuseTests
{
    private const uint Linear = 0x5000;
    private const ulong Frame = 0x1_0000;

    public static TheoryData<int, int, Replacement, SetIndex> Impossible => new()
    {
        { -1, 4, Replacement.Lru, SetIndex.Linear },
        { 3, 4, Replacement.Lru, SetIndex.Linear },
        { int.MinValue, 4, Replacement.Lru, SetIndex.Linear },
        { 4, 0, Replacement.Lru, SetIndex.Linear },
        { 4, -4, Replacement.TreePlru, SetIndex.Linear },
        { 4, 129, Replacement.Fifo, SetIndex.Linear },
        { 4, 3, Replacement.TreePlru, SetIndex.Linear },
        { 4, 4, Replacement.ThreeTrees, SetIndex.Linear },
        { 4, 4, (Replacement)99, SetIndex.Linear },
        { 4, 4, Replacement.Lru, (SetIndex)99 },
        { 1 << 30, 128, Replacement.Lru, SetIndex.Linear },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void New_ImpossibleArray_NamesTheConfigurationAndTheArray(int sets, int ways, Replacement replacement, SetIndex index)
    {
        var geometry = new TlbGeometry(sets, ways, replacement, index);

        ArgumentException first = Refusal(TlbConfiguration.Coherent with { Data4K = geometry });
        ArgumentException last = Refusal(TlbConfiguration.MaximallyStale with { PdeCache = geometry });

        Assert.StartsWith("Data4K: ", first.Message, StringComparison.Ordinal);
        Assert.StartsWith("PdeCache: ", last.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(1001, 0)]
    [InlineData(0, -1)]
    [InlineData(0, 1001)]
    public void New_ImpossibleRate_IsRefused(int evictions, int fills) => Assert.Throws<ArgumentOutOfRangeException>(
        () => Create(TlbConfiguration.Coherent with { Randomization = new TlbRandomization(1, evictions, fills) }));

    [Theory]
    [InlineData(31)]
    [InlineData(41)]
    public void Options_ImpossiblePse36Width_NamesTheProperty(int width) =>
        Assert.Throws<ArgumentOutOfRangeException>("Pse36Width", () => new PagingOptions { Pse36Width = width });

    [Theory]
    [InlineData(null)]
    [InlineData(32)]
    [InlineData(40)]
    public void Options_PossiblePse36Width_IsKept(int? width) =>
        Assert.Equal(width, new PagingOptions { Pse36Width = width }.Pse36Width);

    // The page is read-only: a store that was checked as a read would go through.
    [Theory]
    [InlineData(AccessKind.Read)]
    [InlineData(AccessKind.Fetch)]
    public void Store_WithAnAccessThatDoesNotWrite_NamesTheAccessAndWritesNothing(AccessKind kind)
    {
        var guest = new StaleGuest();
        guest.SetPte(Linear, Frame | (StaleGuest.Flags & ~2ul));
        guest.FrameOf(Linear);
        var access = new Access(kind, AccessMode.User);
        var update = default(Replace);

        Assert.Throws<ArgumentException>("access", () => guest.Mmu.Write(Linear, access, ulong.MaxValue));
        Assert.Throws<ArgumentException>("access", () => guest.Mmu.Write(Linear, access, [1, 2, 3]));
        Assert.Throws<ArgumentException>("access", () => guest.Mmu.Update(Linear, access, ref update, out ulong _));
        Assert.Throws<ArgumentException>("access", () => guest.Mmu.CompareExchange(Linear, access, 0UL, 1UL, out _));
        Assert.Throws<ArgumentException>("access", () => guest.Mmu.CompareExchange(Linear, access, 0u, 1u, out _));

        Assert.Equal(0ul, new RamBus(guest.Memory).Load<ulong>(Frame));
    }

    [Fact]
    public void Update_OperandLargerThanAPage_NamesTheTypeAndWritesNothing()
    {
        var guest = new StaleGuest();
        guest.SetPte(Linear, Frame | StaleGuest.Flags);
        guest.SetPte(Linear + 0x1000, Frame | StaleGuest.Flags);
        var update = default(Fill);

        Assert.Throws<ArgumentException>("T", () => guest.Mmu.Update(Linear, Access.UserWrite, ref update, out Large _));

        Assert.Equal(0ul, new RamBus(guest.Memory).Load<ulong>(Frame));
    }

    // Halves: of the sets, or of the ways where there is one set, by a policy that exists for so many.
    [Theory]
    [InlineData(1, 7, Replacement.Lru, SiblingSharing.Partitioned, false)]
    [InlineData(1, 1, Replacement.Lru, SiblingSharing.Partitioned, false)]
    [InlineData(1, 12, Replacement.ThreeTrees, SiblingSharing.Partitioned, false)]
    [InlineData(2, 7, Replacement.Lru, SiblingSharing.Partitioned, true)]
    [InlineData(1, 8, Replacement.TreePlru, SiblingSharing.Partitioned, true)]
    [InlineData(2, 12, Replacement.ThreeTrees, SiblingSharing.Partitioned, true)]
    [InlineData(1, 7, Replacement.Lru, SiblingSharing.Replicated, true)]
    [InlineData(1, 7, Replacement.Lru, SiblingSharing.Shared, true)]
    [InlineData(1, 8, Replacement.Lru, (SiblingSharing)3, false)]
    public void New_ArrayThatSiblingsCannotDivide_IsRefused(
        int sets, int ways, Replacement replacement, SiblingSharing siblings, bool possible)
    {
        TlbConfiguration tlbs = TlbConfiguration.Coherent with
        {
            Data4K = new(sets, ways, replacement) { Siblings = siblings },
        };

        if (possible)
        {
            Create(tlbs);
            Create(tlbs.ForSiblings());
        }
        else
        {
            Assert.StartsWith("Data4K: ", Refusal(tlbs).Message, StringComparison.Ordinal);
        }
    }

    private static ArgumentException Refusal(TlbConfiguration tlbs) =>
        Assert.Throws<ArgumentException>(nameof(tlbs), () => Create(tlbs));

    private static Mmu<RamBus, NoTiming> Create(TlbConfiguration tlbs) =>
        new(new RamBus(new GuestMemory(4096)), default, CpuFeatures.Pae36, tlbs);

    private struct Replace : IMemoryUpdate<ulong>
    {
        public readonly ulong Apply(ulong value) => ulong.MaxValue;
    }

    [InlineArray(4097)]
    private struct Large
    {
        private byte _first;
    }

    private struct Fill : IMemoryUpdate<Large>
    {
        public readonly Large Apply(Large value)
        {
            ((Span<byte>)value).Fill(0xFF);
            return value;
        }
    }
}
