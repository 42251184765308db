using X86Pae.Lab.Experiments;
using X86Pae.Timing;

namespace X86Pae.Lab.Tests.Experiments;

// Core Duo: INVLPG 150, L1 3, walk 2; PGE pair 750, PUSHF and POPF 24, CLI 9.
public sealed class MappingExperimentTests
{
    [Fact]
    public void KmapAtomic_EachMap_IsOneInvlpgAndOneRefill()
    {
        MappingCost cost = new MappingExperiment(CpuModels.CoreDuo, 2).MeasureKmapAtomic();

        Assert.Equal(150, cost.Of(CycleAccount.Flush));
        Assert.Equal(2 + 3 + 3, cost.Of(CycleAccount.Refill));
        Assert.Equal((0L, 0), (cost.IpisSent, cost.Of(CycleAccount.Shootdown)));
    }

    // Once in 512 maps every CPU flushes everything, and every other CPU is interrupted for it.
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Kmap_EachMap_IsA512thOfAFlushEverywhere(int cpus)
    {
        MappingCost cost = new MappingExperiment(CpuModels.CoreDuo, cpus).MeasureKmap();

        Assert.Equal(cpus * (750 + 24 + 9) / 512.0, cost.Of(CycleAccount.Flush));
        Assert.Equal((cpus - 1) * cost.Maps / 512, cost.IpisSent);
    }

    [Fact]
    public void UnamortisedKmap_EachMap_IsAFlushEverywhere()
    {
        MappingCost cost = new MappingExperiment(CpuModels.CoreDuo, 4).MeasureUnamortisedKmap();

        Assert.Equal(4 * 150, cost.Of(CycleAccount.Flush));
        Assert.Equal(3 * cost.Maps, cost.IpisSent);
        Assert.True(cost.Cycles > cost.Invalidation && cost.Invalidation > 4 * 150);
    }

    // Six times map and unmap of a table for three tables' work on it: only mapping differs between the two.
    [Fact]
    public void HighMemoryPenalty_DearerInvlpg_Grows()
    {
        CpuModel model = CpuModels.CoreDuo;
        double penalty = new ForkExperiment(model).MeasureHighMemoryPenalty();
        CpuModel dearer = model with { Invlpg = model.Invlpg with { Value = 300 } };

        Assert.InRange(penalty, 0.01, 0.5);
        Assert.InRange(new ForkExperiment(dearer).MeasureHighMemoryPenalty() / penalty, 1.5, 2);
    }
}
