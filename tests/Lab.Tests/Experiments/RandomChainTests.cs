using X86Pae.Lab.Experiments;
using X86Pae.Timing;

namespace X86Pae.Lab.Tests.Experiments;

public sealed class RandomChainTests
{
    // V25 and V26 for the nearest TLB. Core 2 misses two levels at once, so a load counts twice beyond the second of them.
    [Theory]
    [InlineData("pentium3-tualatin", 64, 1)]
    [InlineData("pentium-m-dothan", 128, 1)]
    [InlineData("pentium4-northwood", 64, 1)]
    [InlineData("pentium4-prescott", 64, 1)]
    [InlineData("core2-conroe", 16, 1)]
    [InlineData("core2-conroe", 256, 2)]
    [InlineData("core2-yorkfield", 256, 2)]
    [InlineData("nehalem-lynnfield", 64, 1)]
    [InlineData("sandybridge", 64, 1)]
    [InlineData("skylake", 64, 1)]
    [InlineData("zen1", 64, 1)]
    [InlineData("k10-thuban", 48, 1)]
    public void Measure_OnePageForEachLoad_MissesTheTlbOnlyBeyondItsCapacity(string name, int entries, int levels)
    {
        var chain = new RandomChain(CpuModels.Find(name)!, entrySizeInBytes: 8);

        Assert.InRange(chain.Measure(entries * 4096 * 3 / 2, 4096).TlbMisses, 0.97 * levels, levels);
        Assert.Equal(levels - 1, chain.Measure(entries * 4096, 4096).TlbMisses);
    }

    // V1, V4, V6, V8, V10, V12: cells that only geometry, a level's latency and the walk decide.
    [Theory]
    [InlineData("pentium3-tualatin", 4, 16, 512, 3)]
    [InlineData("pentium3-tualatin", 4, 64, 512, 8)]
    [InlineData("pentium3-tualatin", 4, 1024, 16384, 13)]
    [InlineData("pentium-m-dothan", 4, 512, 8192, 10)]
    [InlineData("pentium-m-dothan", 4, 1024, 8192, 15)]
    [InlineData("pentium-m-dothan", 4, 1024, 16384, 15)]
    [InlineData("pentium4-prescott", 8, 256, 4096, 28)]
    [InlineData("core2-conroe", 8, 64, 4096, 14)]
    [InlineData("core2-conroe", 8, 96, 4096, 16)]
    [InlineData("core2-conroe", 8, 1024, 4096, 16)]
    [InlineData("core2-yorkfield", 8, 1024, 4096, 17)]
    [InlineData("nehalem-lynnfield", 8, 384, 4096, 47)]
    public void Measure_MeasuredCell_IsExact(string name, int entrySize, int sizeInKiB, int stride, double cycles)
    {
        ChainResult result = new RandomChain(CpuModels.Find(name)!, entrySize).Measure(sizeInKiB * 1024, stride);

        Assert.Equal((cycles, 0), (result.Cycles, result.MemoryAccesses));
    }

    [Fact]
    public void Measure_BlockFarBeyondTheCaches_GoesToMemoryWithEachLoad()
    {
        var chain = new RandomChain(CpuModels.Find("pentium3-tualatin")!, entrySizeInBytes: 4);
        ChainResult result = chain.Measure(16 << 20, 4096);

        Assert.InRange(result.MemoryAccesses, 1, 1.2);
        Assert.InRange(result.Cycles, 186 + 2, 186 * 1.2);
    }

    [Fact]
    public void Measure_Twice_IsTheSame()
    {
        var chain = new RandomChain(CpuModels.CoreDuo, entrySizeInBytes: 8);

        Assert.Equal(chain.Measure(3 << 20, 1024), chain.Measure(3 << 20, 1024));
    }

    // A stride that is not a multiple of the page size: the pages of all places are mapped, whichever they are.
    [Theory]
    [InlineData(40, 10 * 1024, 4)]
    [InlineData(40, 10 * 1024, 8)]
    [InlineData(24, 6 * 1024, 8)]
    [InlineData(28, 7 * 1024 + 4, 8)]
    [InlineData(12, 4095, 8)]
    public void Measure_AnyStride_LoadsFromMappedPagesOnly(int sizeInKiB, int stride, int entrySize)
    {
        ChainResult result = new RandomChain(CpuModels.CoreDuo, entrySize).Measure(sizeInKiB * 1024, stride);

        Assert.Equal(new ChainResult(Cycles: 3, TlbMisses: 0, MemoryAccesses: 0), result);
    }

    [Theory]
    [InlineData(4096, 3)]
    [InlineData(4096, 0)]
    [InlineData(4095, 4096)]
    [InlineData(0, 4)]
    [InlineData((512 << 20) + 1, 4096)]
    public void Measure_ImpossibleBlock_Throws(int size, int stride)
    {
        var chain = new RandomChain(CpuModels.CoreDuo, entrySizeInBytes: 8);

        Assert.Throws<ArgumentOutOfRangeException>(() => chain.Measure(size, stride));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(16)]
    public void Constructor_ImpossibleEntrySize_Throws(int entrySize) => Assert.Throws<ArgumentOutOfRangeException>(
        nameof(entrySize) + "InBytes", () => new RandomChain(CpuModels.CoreDuo, entrySize));
}
