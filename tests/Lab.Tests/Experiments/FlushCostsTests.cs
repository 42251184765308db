using X86Pae.Lab.Experiments;
using X86Pae.Timing;

namespace X86Pae.Lab.Tests.Experiments;

// Core Duo: L1 3, memory 235, walk 2; INVLPG 150, MOV CR3 150, PGE pair 750.
public sealed class FlushCostsTests
{
    private const int ColdWalk = 2 + 235 + 235;

    private readonly FlushCosts _costs = new(CpuModels.CoreDuo);

    // The first page after INVLPG walks from the directory, the others find their directory entry in the PDE cache.
    [Theory]
    [InlineData(1, 150 + (2 + 3 + 3) + 3)]
    [InlineData(3, (3 * 150) + (2 + 3 + 3) + (2 * (2 + 3)) + (3 * 3))]
    public void InvlpgAndTouch_Hot_IsTheFlushesTheWalksAndTheLoads(int pages, double expected) =>
        Assert.Equal(expected, _costs.MeasureInvlpgAndTouch(pages, cold: false));

    // Adjacent pages share the line of their entries; their own lines are cold as well.
    [Theory]
    [InlineData(1, 150 + ColdWalk + 235)]
    [InlineData(2, (2 * 150) + ColdWalk + (2 + 3) + (2 * 235))]
    public void InvlpgAndTouch_Cold_GoesToMemoryForTablesAndData(int pages, double expected) =>
        Assert.Equal(expected, _costs.MeasureInvlpgAndTouch(pages, cold: true));

    [Fact]
    public void Cr3AndTouch_Hot_FlushesOnce() =>
        Assert.Equal(150 + (2 + 3 + 3) + (2 + 3) + (2 * 3), _costs.MeasureCr3AndTouch(2, cold: false));

    [Fact]
    public void Alone_IsTheParameter()
    {
        Assert.Equal(150, _costs.MeasureMovCr3());
        Assert.Equal(750, _costs.MeasurePgeTogglePair());
    }

    // The parameter is of a pair; an odd one must not lose a cycle to the halves.
    [Fact]
    public void PgeTogglePair_OddParameter_IsCharged() =>
        Assert.Equal(589, new FlushCosts(CpuModels.Find("k8-manchester")!).MeasurePgeTogglePair());

    [Fact]
    public void RangeFlush_WithInvpcid_CostsBothForEachPage()
    {
        var skylake = new FlushCosts(CpuModels.Find("skylake")!);

        Assert.Equal(100 * 200, skylake.MeasureRangeFlush(100, invpcid: false));
        Assert.Equal(100 * (200 + 350), skylake.MeasureRangeFlush(100, invpcid: true));
        Assert.Throws<ArgumentException>("invpcid", () => _costs.MeasureRangeFlush(1, invpcid: true));
        Assert.Throws<ArgumentOutOfRangeException>("pages", () => _costs.MeasureRangeFlush(0, invpcid: false));
    }

    // A fifth of 2 + 3 + 3 is 1.6 cycles: exact over the ten rounds that are measured.
    [Fact]
    public void InvlpgAndTouch_ShareOfRefills_IsExact()
    {
        CpuModel model = CpuModels.CoreDuo with
        {
            RefillChargedInPercent = new Parameter { Value = 20, Confidence = Confidence.Estimated, Source = "test" },
        };

        Assert.Equal(150 + 1.6 + 3, new FlushCosts(model).MeasureInvlpgAndTouch(1, cold: false), precision: 9);
    }
}
