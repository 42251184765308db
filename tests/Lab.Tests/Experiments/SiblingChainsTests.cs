using X86Pae.Lab.Experiments;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Lab.Tests.Experiments;

// Pentium 4: an access 2 cycles, a walk 12 and one entry from L2, 19. Its TLBs are fully associative LRU: of more pages than there is
// room for, each in turn, every access misses.
public sealed class SiblingChainsTests
{
    private static readonly SiblingResult Hit = new(2, 0, 0);
    private static readonly SiblingResult Walk = new(2 + 12 + 19, 1, 1);

    [Theory]
    [InlineData(64, SiblingState.None, true)]
    [InlineData(64, SiblingState.Idle, true)]
    [InlineData(65, SiblingState.None, false)]
    [InlineData(32, SiblingState.Busy, true)]
    [InlineData(33, SiblingState.Busy, false)]
    public void Loads_OfASharedArray_MissWhenBothWorkingSetsExceedIt(int pages, SiblingState sibling, bool hits) =>
        Assert.Equal(hits ? Hit : Walk, Measure("pentium4-northwood", pages, AccessKind.Read, sibling));

    [Theory]
    [InlineData(128, SiblingState.None, true)]
    [InlineData(64, SiblingState.Idle, true)]
    [InlineData(64, SiblingState.Busy, true)]
    [InlineData(65, SiblingState.Idle, false)]
    public void Fetches_OfAPartitionedArray_MissBeyondHalfOfIt(int pages, SiblingState sibling, bool hits) =>
        Assert.Equal(hits ? Hit : Walk, Measure("pentium4-northwood", pages, AccessKind.Fetch, sibling));

    // Haswell, each thread with 64 entries for fetches of its own: 64 consecutive pages fit, twice as many do not.
    [Theory]
    [InlineData(64, 0)]
    [InlineData(128, 1)]
    public void Fetches_OfAReplicatedArray_AreTheSameWhateverTheSiblingDoes(int pages, double misses)
    {
        foreach (SiblingState sibling in Enum.GetValues<SiblingState>())
        {
            Assert.Equal(misses, Measure("haswell", pages, AccessKind.Fetch, sibling).TlbMisses);
        }
    }

    // Skylake's second level has 1,536 entries: 1,024 pages of one thread are held there, those of two are not.
    [Fact]
    public void Loads_OfASharedSecondLevel_WalkWhenBothWorkingSetsExceedIt()
    {
        SiblingResult idle = Measure("skylake", 1024, AccessKind.Read, SiblingState.Idle);
        SiblingResult busy = Measure("skylake", 1024, AccessKind.Read, SiblingState.Busy);

        Assert.Equal((1.0, 0.0), (idle.TlbMisses, idle.Walks));
        Assert.True(busy.Walks > 0.9, busy.ToString());
    }

    [Fact]
    public void Measure_NumbersOutOfRangeAndProcessorsWithoutSmt_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new SiblingChains(CpuModels.CoreDuo));
        Assert.Throws<ArgumentOutOfRangeException>(() => Measure("zen1", 0, AccessKind.Read, SiblingState.None));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Measure("zen1", SiblingChains.MaxPages + 1, AccessKind.Read, SiblingState.None));
    }

    private static SiblingResult Measure(string model, int pages, AccessKind kind, SiblingState sibling) =>
        new SiblingChains(CpuModels.Find(model)!).Measure(pages, kind, sibling);
}
