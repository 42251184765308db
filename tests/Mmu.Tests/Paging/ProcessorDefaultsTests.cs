using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Paging;

/// <summary>What features, options and caches are unless a program says otherwise (docs/rules.md, C72 and the choices).</summary>
public sealed class ProcessorDefaultsTests
{
    [Fact]
    public void CpuFeatures_Default_HaveWhatA32BitProcessorWithPaeHas()
    {
        var features = new CpuFeatures();

        Assert.Equal(36, features.MaxPhyAddr);
        Assert.True(features is { Pae: true, Pse: true, Pse36: true, Pge: true, Pat: true, Mtrr: true });
        Assert.True(features is { Nx: false, Smep: false, Smap: false, Invpcid: false });
        Assert.Equal(0x0005_0F4Fu, (uint)features.OtherCr4); // VME PVI TSD DE MCE PCE OSFXSR OSXMMEXCPT UMIP FSGSBASE OSXSAVE
        Assert.Equal(features, CpuFeatures.Pae36);
    }

    [Fact]
    public void CpuFeatures_Full40_HaveEverythingThatPaePagingCanHave() =>
        Assert.Equal(
            new CpuFeatures { MaxPhyAddr = 40, Nx = true, Smep = true, Smap = true, Invpcid = true }, CpuFeatures.Full40);

    [Fact]
    public void PagingOptions_Default_AreTheManualsAndTheRecommendedChoices()
    {
        var options = new PagingOptions();

        Assert.Equal(PdpteMode.Registers, options.PdpteMode);
        Assert.Equal(0xE000_0000u, (uint)options.PdpteReloadCr0); // PG, CD, NW
        Assert.Equal(0x0010_00B0u, (uint)options.PdpteReloadCr4); // SMEP, PGE, PAE, PSE
        Assert.Equal((null, null), (options.PdpteLoadWidth, options.Pse36Width));
        Assert.Equal(FaultAccessedPolicy.PdeSet, options.FaultAccessedPolicy);
        Assert.Equal(TlbPermissionMiss.Rewalk, options.TlbPermissionMiss);
        Assert.Equal(TaskSwitchPdpteFault.GeneralProtection, options.TaskSwitchPdpteFault);
        Assert.True(options is
        {
            ChecksLowPdpteBits: true,
            ReservedFaultReportsPresent: true,
            FaultInvalidates: true,
            KeepsGlobalPages: true,
            ChecksControlRegisters: true,
            ReservesPatBit: true,
        });
        Assert.True(options is
        {
            CheckReservedInNotPresentPdpte: false,
            SetsPdpteAccessed: false,
            ImplicitHonoursAlignmentCheck: false,
            ReadModifyWriteReadsFirst: false,
            TaskSwitchAlwaysFlushes: false,
        });
        Assert.Equal(options, PagingOptions.Default);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(32)]
    [InlineData(52)]
    public void PdpteLoadWidth_InRange_IsKept(int? width) =>
        Assert.Equal(width, new PagingOptions { PdpteLoadWidth = width }.PdpteLoadWidth);

    [Theory]
    [InlineData(31)]
    [InlineData(53)]
    [InlineData(-1)]
    public void PdpteLoadWidth_OutOfRange_NamesIt(int width) =>
        Assert.Throws<ArgumentOutOfRangeException>("PdpteLoadWidth", () => new PagingOptions { PdpteLoadWidth = width });

    // Never evicted means a place for each page: 2^20 pages of 4 KiB, 2^11 of 2 MiB, as many directory entries.
    [Fact]
    public void MaximallyStale_EveryArray_HasAPlaceForEachPage()
    {
        TlbConfiguration stale = TlbConfiguration.MaximallyStale;

        Assert.Equal((1 << 20, 1 << 20), (stale.Instruction4K.Entries, stale.Data4K.Entries));
        Assert.Equal((1 << 11, 1 << 11, 1 << 11), (stale.InstructionLarge.Entries, stale.DataLarge.Entries, stale.PdeCache.Entries));
    }
}
