using X86Pae.Explaining;
using X86Pae.Paging;
using X86Pae.Tests.Paging;

namespace X86Pae.Tests.Explaining;

/// <summary>Each frequent mistake, made on purpose; and that tables without one give no hint.</summary>
public sealed class HintTests
{
    private const uint Linear = 0x8060_3ABC;
    private const ulong Used = PaeGuest.Used;

    [Fact]
    public void Hints_CorrectTables_HaveNone()
    {
        var guest = new PaeGuest();
        guest.Map(Linear, 0x81_2345_6000 | 1UL << 63 | Used);

        Assert.Empty(HintsOf(guest));
    }

    [Fact]
    public void Hints_Bit63WithoutNxe_SaysSo()
    {
        var guest = new PaeGuest(nxe: false);
        guest.Map(Linear, 1UL << 63 | Used);

        Assert.Equal([HintKind.ExecuteDisableWithoutNxe], HintsOf(guest));
    }

    [Fact]
    public void Hints_SoftwareBitsOfLongMode_AreNamed()
    {
        var guest = new PaeGuest();
        guest.Map(Linear, 1UL << 58 | Used);

        Assert.Equal([HintKind.LongModeBits], HintsOf(guest));
    }

    [Fact]
    public void Hints_TableOf32BitEntries_IsRecognised()
    {
        var guest = new PaeGuest();
        guest.Map(Linear, 0x0040_1067_0040_0067);

        Assert.Equal([HintKind.TwoLevelEntries], HintsOf(guest));
    }

    [Fact]
    public void Hints_PdptEditedWithoutReload_SaysThatCr3MustBeWritten()
    {
        var guest = new PaeGuest();
        guest[PaeGuest.Pdpt + 16] = 0x5001;

        WalkExplanation explanation = Explain(guest);

        Assert.True(explanation.PdpteIsStale);
        Assert.Equal(0x5001UL, explanation.PdpteInMemory);
        Assert.Equal([HintKind.PdpteNotReloaded], HintsOf(explanation));
    }

    [Theory]
    [InlineData(0x5007UL, HintKind.PdpteRights)]
    [InlineData(0x5021UL, HintKind.PdpteReservedBits)]
    [InlineData(1UL << 63 | 0x5001, HintKind.PdpteReservedBits)]
    [InlineData(0x0000_6003_0000_5003, HintKind.TwoLevelEntries)]
    [InlineData(ulong.MaxValue, HintKind.OpenBus)]
    public void Hints_PdpteThatCannotBeLoaded_SaysWhy(ulong pdpte, HintKind kind)
    {
        var guest = new PaeGuest();
        guest[PaeGuest.Pdpt + 24] = pdpte; // not the one that the address uses

        Hint hint = Assert.Single(Explain(guest).Hints);

        Assert.Equal(kind, hint.Kind);
        Assert.Null(guest.WriteCr3(PaeGuest.Pdpt));
    }

    [Fact]
    public void Hints_PagingOffWithBadPdpt_SaysThatTurningItOnFaults()
    {
        var guest = new PaeGuest();
        guest[PaeGuest.Pdpt] = 0x2003;
        Assert.NotNull(guest.WriteCr0(Cr0.ProtectionEnable));

        WalkExplanation explanation = Explain(guest);

        Assert.Equal([HintKind.PagingOff, HintKind.PdpteRights], HintsOf(explanation));
        Assert.Contains("setting CR0.PG raises #GP(0)", explanation.Hints[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Hints_PaeForgotten_RecognisesThePdpt()
    {
        var guest = new TwoLevelGuest();
        guest[TwoLevelGuest.Directory] = 0x2001;
        guest[TwoLevelGuest.Directory + 8] = 0x3001;

        Assert.Equal([HintKind.PaeForgotten], HintsOf(guest));
    }

    [Fact]
    public void Hints_OrdinaryPageDirectory_IsNoPdpt()
    {
        var guest = new TwoLevelGuest();
        guest[TwoLevelGuest.Directory] = 0x2003;

        Assert.Empty(HintsOf(guest));
    }

    [Fact]
    public void Hints_Cr3NotAligned_SaysWhereTheTableIsRead()
    {
        var guest = new PaeGuest();
        Assert.NotNull(guest.WriteCr3(PaeGuest.Pdpt | 0x10));

        Hint hint = Assert.Single(Explain(guest).Hints);

        Assert.Equal(HintKind.MisalignedBase, hint.Kind);
        Assert.Contains("read at 00001000", hint.Text, StringComparison.Ordinal);
        Assert.Equal([HintKind.MisalignedBase], HintsOf(new TwoLevelGuest(cr3: 0x1100)));
        Assert.Empty(HintsOf(new TwoLevelGuest(cr3: 0x1018))); // PCD and PWT
    }

    [Fact]
    public void Hints_TableBeyondMemory_IsOpenBus()
    {
        var guest = new PaeGuest();
        guest.MapLarge(Linear, 0x10_0000 | Used); // a table PDE to 1 MiB, in 64 KiB of memory

        WalkExplanation explanation = Explain(guest);

        Assert.Equal([HintKind.OpenBus], HintsOf(explanation));
        Assert.Equal(WalkLevel.Pte, Assert.Single(explanation.Reasons).Level);
    }

    [Fact]
    public void Hints_LargePageWithoutPse_IsTakenForATable()
    {
        var guest = new TwoLevelGuest(cr4: Cr4.None);
        guest[TwoLevelGuest.PdeAddress(Linear)] = 0x40_00E7;

        Assert.Contains(HintKind.LargePageWithoutPse, HintsOf(guest));
    }

    [Fact]
    public void Hints_WriteProtectOff_ExplainsWhyAReadOnlyPageIsWritten()
    {
        var guest = new PaeGuest(writeProtect: false);
        guest.Map(Linear, 0x5065);

        Assert.Equal([HintKind.WriteProtectOff], HintsOf(Explain(guest, Access.SupervisorWrite)));
        Assert.Empty(HintsOf(Explain(guest, Access.SupervisorRead)));
    }

    private static WalkExplanation Explain(PaeGuest guest) => Explain(guest, Access.SupervisorRead);

    private static WalkExplanation Explain(PaeGuest guest, Access access) =>
        WalkExplainer.Explain(guest.Memory, guest.Registers, Linear, access);

    private static HintKind[] HintsOf(WalkExplanation explanation) => [.. explanation.Hints.Select(hint => hint.Kind)];

    private static HintKind[] HintsOf(PaeGuest guest) => HintsOf(Explain(guest));

    private static HintKind[] HintsOf(TwoLevelGuest guest) =>
        HintsOf(WalkExplainer.Explain(guest.Memory, guest.Registers, Linear, Access.SupervisorRead));
}
