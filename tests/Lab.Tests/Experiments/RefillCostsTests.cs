using X86Pae.Lab.Experiments;
using X86Pae.Timing;

namespace X86Pae.Lab.Tests.Experiments;

public sealed class RefillCostsTests
{
    // Core Duo has two levels of cache: the entries are in the second. 128 pages, eight apart, in three directory entries.
    [Fact]
    public void Measure_CoreDuo_ReadsEachEntryFromTheSecondLevel()
    {
        (long cycles, int pages) = new RefillCosts(CpuModels.CoreDuo).Measure();

        Assert.Equal(128, pages);
        Assert.InRange(cycles - (128 * (2 + 14)), 3 * 3, 3 * 14);
    }

    // Sandy Bridge: asking the second level 7, walk 5, entry from the third level 29; 512 pages in nine directory entries.
    [Fact]
    public void Measure_SandyBridge_ReadsEachEntryFromTheThirdLevel()
    {
        (long cycles, int pages) = new RefillCosts(CpuModels.Find("sandybridge")!).Measure();

        Assert.Equal(512, pages);
        Assert.InRange(cycles - (512 * (7 + 5 + 29)), 9 * 4, 9 * 29);
    }
}
