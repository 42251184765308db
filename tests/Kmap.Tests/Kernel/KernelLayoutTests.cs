using X86Pae.Kmap.Kernel;

namespace X86Pae.Kmap.Tests.Kernel;

// The rows are those of Linux 6.12 built with these options; the third is CONFIG_DEBUG_KMAP_LOCAL.
public sealed class KernelLayoutTests
{
    [Theory]
    [InlineData(2, 16, 0xFFF9_C000, 0xFF60_0000, 0xF7DF_E000, 0xFF5F_E000, 885.99)]
    [InlineData(8, 16, 0xFFF3_C000, 0xFF60_0000, 0xF7DF_E000, 0xFF5F_E000, 885.99)]
    [InlineData(8, 33, 0xFFEB_4000, 0xFF60_0000, 0xF7DF_E000, 0xFF5F_E000, 885.99)]
    [InlineData(32, 16, 0xFFDB_C000, 0xFF00_0000, 0xF77F_E000, 0xFEFF_E000, 879.99)]
    [InlineData(64, 16, 0xFFBB_C000, 0xFE80_0000, 0xF6FF_E000, 0xFE7F_E000, 871.99)]
    public void Layout_OfConfiguration_IsThatOfTheKernel(
        int processors, int slots, uint window, uint pkmap, uint vmallocStart, uint vmallocEnd, double lowMemoryInMiB)
    {
        var layout = new KernelLayout(processors, slots);

        Assert.Equal((window, 0xFFFB_C000u), (layout.KmapLocalStart, layout.KmapLocalEnd));
        Assert.Equal((pkmap, pkmap + (2 << 20)), (layout.PkmapBase, layout.PkmapEnd));
        Assert.Equal((vmallocStart, vmallocEnd), (layout.VmallocStart, layout.VmallocEnd));
        Assert.Equal(120u << 20, layout.VmallocEnd - layout.VmallocStart);
        Assert.Equal(lowMemoryInMiB, Math.Round(layout.LowMemoryInBytes / (double)(1 << 20), 2));
        Assert.Equal(processors * slots, (int)(layout.KmapLocalEnd - layout.KmapLocalStart) / PageFrame.SizeInBytes);
    }

    [Theory]
    [InlineData(0x4000_0000)]
    [InlineData(0x8000_0000)]
    public void Layout_OtherSplit_OnlyMovesLowMemory(uint pageOffset)
    {
        var usual = new KernelLayout();
        var layout = new KernelLayout(pageOffset: pageOffset);

        Assert.Equal((usual.PkmapBase, usual.VmallocStart), (layout.PkmapBase, layout.VmallocStart));
        Assert.Equal(usual.LowMemoryInBytes + (0xC000_0000 - pageOffset), layout.LowMemoryInBytes);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(47)]
    public void Layout_SizeOfCpuEntryArea_DoesNotMatter(int pages)
    {
        Assert.Equal(new KernelLayout().PkmapBase, new KernelLayout(cpuEntryAreaPages: pages).PkmapBase);
    }

    // 6.12 with the index base 68: CPU 2, depths 0 and 1.
    [Theory]
    [InlineData(0, 0, 0xFFFB_B000)]
    [InlineData(2, 0, 0xFFF9_B000)]
    [InlineData(2, 1, 0xFFF9_A000)]
    [InlineData(31, 15, 0xFFDB_C000)]
    public void KmapLocalAddress_OfCpuAndDepth_FallsWithTheIndex(int processor, int depth, uint address)
    {
        Assert.Equal(address, new KernelLayout().KmapLocalAddress(processor, depth));
    }

    [Fact]
    public void IsKmapLocal_AtTheEdges_IsExact()
    {
        var layout = new KernelLayout();

        Assert.True(layout.IsKmapLocal(0xFFDB_C000));
        Assert.True(layout.IsKmapLocal(0xFFFB_BFFF));
        Assert.False(layout.IsKmapLocal(0xFFDB_BFFF));
        Assert.False(layout.IsKmapLocal(0xFFFB_C000));
    }

    [Theory]
    [InlineData(0, 16, 68, 0xC000_0000, 40)]
    [InlineData(65, 16, 68, 0xC000_0000, 40)]
    [InlineData(32, 1, 68, 0xC000_0000, 40)]
    [InlineData(32, 65, 68, 0xC000_0000, 40)]
    [InlineData(32, 16, 0, 0xC000_0000, 40)]
    [InlineData(32, 16, 68, 0xB000_0000, 40)]
    [InlineData(32, 16, 68, 0, 40)]
    [InlineData(32, 16, 68, 0xC000_0000, 0)]
    [InlineData(32, 16, 68, 0xC000_0000, 64)]
    public void Layout_ImpossibleConfiguration_Throws(int processors, int slots, int begin, uint pageOffset, int entryPages)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new KernelLayout(processors, slots, begin, pageOffset, entryPages));
    }

    [Theory]
    [InlineData(-1, 0, "processor")]
    [InlineData(32, 0, "processor")]
    [InlineData(0, -1, "depth")]
    [InlineData(31, 16, "depth")]
    public void KmapLocalAddress_NoSuchSlot_NamesTheParameter(int processor, int depth, string parameter) =>
        Assert.Throws<ArgumentOutOfRangeException>(parameter, () => new KernelLayout().KmapLocalAddress(processor, depth));

    [Theory]
    [InlineData(-1)]
    [InlineData(0x10_0000)]
    public void FixmapAddress_NoPageOfTheAddressSpace_NamesTheParameter(int index) =>
        Assert.Throws<ArgumentOutOfRangeException>(nameof(index), () => KernelLayout.FixmapAddress(index));

    [Fact]
    public void FixmapAddress_LastIndex_IsPageZero() => Assert.Equal(0u, KernelLayout.FixmapAddress(0xF_FFFF));
}
