using X86Pae.Explaining;
using X86Pae.Paging;
using X86Pae.Tests.Paging;

namespace X86Pae.Tests.Explaining;

/// <summary>What an explanation says of registers, entries, rights and faults, without translation caches.</summary>
public sealed class WalkExplainerTests
{
    private const uint Linear = 0x8060_3ABC; // PDPTE 2, PDE 3, PTE 3
    private const ulong Used = PaeGuest.Used;
    private const ulong Xd = 1UL << 63;

    [Fact]
    public void Explain_MappedPage_ShowsEveryEntryAndTheRightsSoFar()
    {
        var guest = new PaeGuest();
        guest.Map(Linear, 0x12_3456_7000 | Xd | 0x65, pdeFlags: 0x63);

        WalkExplanation explanation = Explain(guest, Access.SupervisorRead);

        Assert.Equal(PagingMode.Pae, explanation.Control.Mode);
        Assert.Equal(TranslationSource.Tables, explanation.Source);
        Assert.Equal(0x12_3456_7ABCUL, explanation.Result.PhysicalAddress);
        Assert.Empty(explanation.Reasons);
        Assert.Empty(explanation.Hints);
        Assert.Equal(
            [
                (WalkLevel.Pdpte, EntryFormat.Pdpte, EntrySource.Register, 2, 0x1010UL, 0x4001UL, 0x4000UL),
                (WalkLevel.Pde, EntryFormat.TablePde, EntrySource.Memory, 3, 0x4018UL, 0x6063UL, 0x6000UL),
                (WalkLevel.Pte, EntryFormat.Pte, EntrySource.Memory, 3, 0x6018UL, 0x8000_0012_3456_7065UL, 0x12_3456_7000UL),
            ],
            explanation.Tables.Entries.Select(
                entry => (entry.Level, entry.Format, entry.Source, entry.Index, entry.Address, entry.Raw, entry.Target)));
        Assert.Equal(
            [
                PageAttributes.User | PageAttributes.Writable,
                PageAttributes.Writable,
                PageAttributes.ExecuteDisable,
            ],
            explanation.Tables.Entries.Select(entry => entry.RightsSoFar));
    }

    [Fact]
    public void Explain_LargePage_EndsAtThePde()
    {
        var guest = new PaeGuest();
        guest.MapLarge(Linear, 0x60_0000 | Used | 0x80);

        WalkExplanation explanation = Explain(guest, Access.UserWrite);

        Assert.Equal(0x60_3ABCUL, explanation.Result.PhysicalAddress);
        Assert.Equal(EntryFormat.LargePagePde, explanation.Tables.Entries[^1].Format);
        Assert.Equal(1UL, explanation.Tables.Entries[^1].ValueOf("PS"));
    }

    [Fact]
    public void Explain_EntryFields_AreDecodedByFormatAndControlState()
    {
        var guest = new PaeGuest(cr4: Cr4.PageGlobalEnable);
        guest.Map(Linear, 0x5000 | 0xB99 | Xd);

        ExplainedEntry pde = Explain(guest, Access.SupervisorRead).Tables.Entries[1];
        ExplainedEntry pte = Explain(guest, Access.SupervisorRead).Tables.Entries[2];
        ExplainedEntry withoutPge = Explain(Same(new PaeGuest()), Access.SupervisorRead).Tables.Entries[2];

        Assert.Null(pde.ValueOf("D"));
        Assert.Null(pde.ValueOf("G"));
        Assert.Null(pde.ValueOf("PAT"));
        Assert.Equal(0UL, pde.ValueOf("PS"));
        Assert.Equal([1UL, 0, 0, 1, 1, 0, 0, 1, 1, 5, 1], Names().Select(name => pte.ValueOf(name)!.Value));
        Assert.Null(withoutPge.ValueOf("G"));
        Assert.Contains(withoutPge.Fields, field => field is { Name: "G", Value: 1, Use: FieldUse.Ignored, Note: "CR4.PGE = 0" });

        static string[] Names() => ["P", "R/W", "U/S", "PWT", "PCD", "A", "D", "PAT", "G", "avl", "XD"];

        static PaeGuest Same(PaeGuest other)
        {
            other.Map(Linear, 0x5000 | 0xB99 | Xd);
            return other;
        }
    }

    [Theory]
    [InlineData(0x66ul, Used, WalkLevel.Pde, 2)]
    [InlineData(Used, 0x66ul, WalkLevel.Pte, 3)]
    [InlineData(0x63ul, 0x66ul, WalkLevel.Pte, 3)] // U/S = 0 in the PDE does not come first
    public void Explain_NotPresent_NamesTheEntryThatEndsTheWalk(ulong pde, ulong pte, WalkLevel level, int entries)
    {
        var guest = new PaeGuest();
        guest.Map(Linear, pte, pde);

        WalkExplanation explanation = Explain(guest, Access.UserRead);

        Assert.Equal([new FaultReason(FaultCause.NotPresent, level, 0, "4.4.2")], explanation.Reasons);
        Assert.Equal(entries, explanation.Tables.Entries.Count);
        Assert.Null(explanation.Tables.Entries[^1].RightsSoFar);
    }

    [Fact]
    public void Explain_PdpteNotPresent_NamesThePdpte()
    {
        var guest = new PaeGuest();
        guest[PaeGuest.Pdpt + 16] = 0;
        guest.WriteCr3(PaeGuest.Pdpt);

        WalkExplanation explanation = Explain(guest, Access.UserRead);

        Assert.Equal([new FaultReason(FaultCause.NotPresent, WalkLevel.Pdpte, 0, "4.4.2")], explanation.Reasons);
        Assert.Single(explanation.Tables.Entries);
    }

    [Theory]
    [InlineData(Used | 1UL << 45, Used, WalkLevel.Pde, 1UL << 45, "physical addresses have 40 bits")]
    [InlineData(Used, Used | 3UL << 40, WalkLevel.Pte, 3UL << 40, "physical addresses have 40 bits")]
    [InlineData(Used | 0x80, 0, WalkLevel.Pde, 0x6000UL, "a 2-MiB page is aligned to 2 MiB")]
    public void Explain_ReservedBits_NamesEntryBitsAndWhy(ulong pde, ulong pte, WalkLevel level, ulong bits, string note)
    {
        var guest = new PaeGuest();
        guest.Map(Linear, pte, pde);

        WalkExplanation explanation = Explain(guest, Access.SupervisorRead);

        Assert.Equal([new FaultReason(FaultCause.ReservedBits, level, bits, "4.4.2")], explanation.Reasons);
        ExplainedEntry entry = explanation.Tables.Entries[^1];
        Assert.Equal(bits, entry.ReservedBits);
        Assert.Contains(entry.Fields, field => field is { Use: FieldUse.Reserved, Value: not 0 } && field.Note == note);
    }

    [Fact]
    public void Explain_PatBitWithoutPat_IsReserved()
    {
        var guest = new PaeGuest(CpuFeatures.Full40 with { Pat = false });
        guest.Map(Linear, Used | 0x80);

        WalkExplanation explanation = Explain(guest, Access.SupervisorRead);

        Assert.Equal([new FaultReason(FaultCause.ReservedBits, WalkLevel.Pte, 0x80, "4.4.2")], explanation.Reasons);
        Assert.Contains("PAT, which this processor has not", explanation.ToString(), StringComparison.Ordinal);
    }

    // Each rule, in one entry or in both; a rule that both entries break names both.
    [Theory]
    [InlineData(AccessKind.Read, AccessMode.User, 0x63ul, Used, "SupervisorPage Pde")]
    [InlineData(AccessKind.Read, AccessMode.User, 0x63ul, 0x63ul, "SupervisorPage Pde, SupervisorPage Pte")]
    [InlineData(AccessKind.Write, AccessMode.User, Used, 0x65ul, "ReadOnlyPage Pte")]
    [InlineData(AccessKind.Write, AccessMode.User, 0x61ul, Used, "SupervisorPage Pde, ReadOnlyPage Pde")]
    [InlineData(AccessKind.ReadModifyWrite, AccessMode.Supervisor, 0x61ul, 0x61ul, "WriteProtect Pde, WriteProtect Pte")]
    [InlineData(AccessKind.Fetch, AccessMode.Supervisor, 0x63ul, 0x63ul | Xd, "ExecuteDisable Pte")]
    [InlineData(AccessKind.Fetch, AccessMode.Supervisor, Used | Xd, Used, "ExecuteDisable Pde, ExecutionPrevention Pte")]
    [InlineData(AccessKind.Read, AccessMode.Supervisor, Used, Used, "AccessPrevention Pte")]
    [InlineData(AccessKind.Write, AccessMode.SupervisorImplicit, Used, 0x65ul, "WriteProtect Pte, AccessPrevention Pte")]
    [InlineData(AccessKind.Read, AccessMode.Supervisor, Used | 0x80, 0ul, "AccessPrevention Pde")]
    public void Explain_RightsRefuse_NamesEveryRuleAndEntry(
        AccessKind kind, AccessMode mode, ulong pde, ulong pte, string expected)
    {
        var guest = new PaeGuest(cr4: Cr4.SupervisorAccessPrevention | Cr4.SupervisorExecutionPrevention);
        guest.Map(Linear, pte, pde);
        if ((pde & 0x80) != 0)
        {
            guest.MapLarge(Linear, pde);
        }

        WalkExplanation explanation = Explain(guest, new Access(kind, mode));

        Assert.Equal(expected, string.Join(", ", explanation.Reasons.Select(reason => $"{reason.Cause} {reason.Level}")));
        Assert.All(explanation.Reasons, reason => Assert.Equal("4.6.1", reason.Section));
    }

    [Fact]
    public void Explain_PagingOff_IsTheIdentity()
    {
        var control = new ControlRegisters(CpuFeatures.Full40);

        WalkExplanation explanation = WalkExplainer.Explain(new byte[4096], control, Linear, Access.UserWrite);

        Assert.Equal(TranslationSource.Identity, explanation.Source);
        Assert.Equal(Linear, explanation.Result.PhysicalAddress);
        Assert.Empty(explanation.Tables.Entries);
        Assert.Equal([HintKind.PagingOff], explanation.Hints.Select(hint => hint.Kind));
    }

    [Fact]
    public void Explain_TwoLevelPaging_ReadsDirectoryAndTable()
    {
        var guest = new TwoLevelGuest();
        guest.Map(Linear, 0x5065);

        WalkExplanation explanation = Explain(guest, Access.UserWrite);

        Assert.Equal([new FaultReason(FaultCause.ReadOnlyPage, WalkLevel.Pte, 0, "4.6.1")], explanation.Reasons);
        Assert.Equal([0x201, 0x203], explanation.Tables.Entries.Select(entry => entry.Index));
        Assert.Null(explanation.PdpteInMemory);
        Assert.Null(explanation.Tables.Entries[1].ValueOf("XD"));
    }

    [Fact]
    public void Explain_FourMegabytePage_TakesTheHighAddressFromPse36()
    {
        var guest = new TwoLevelGuest();
        guest[TwoLevelGuest.PdeAddress(Linear)] = 0x0040_0000 | 0x2000 | 0xE7;

        WalkExplanation explanation = Explain(guest, Access.UserWrite);

        Assert.Equal(0x1_0060_3ABCUL, explanation.Result.PhysicalAddress);
        Assert.Equal(0x1_0040_0000UL, explanation.Tables.Entries[0].Target);
        Assert.Equal(1UL, explanation.Tables.Entries[0].ValueOf("base 39:32"));
    }

    [Fact]
    public void Explain_ReservedBitOfFourMegabytePage_NamesTheSectionOfTwoLevelPaging()
    {
        var guest = new TwoLevelGuest();
        guest[TwoLevelGuest.PdeAddress(Linear)] = 0x0020_0000 | 0xE7;

        Assert.Equal(
            [new FaultReason(FaultCause.ReservedBits, WalkLevel.Pde, 0x20_0000, "4.3")],
            Explain(guest, Access.UserWrite).Reasons);
    }

    [Fact]
    public void Explain_WalkOnDemand_ReadsThePdpteFromMemory()
    {
        var guest = new PaeGuest(options: PagingOptions.Default with { PdpteMode = PdpteMode.WalkOnDemand });
        guest.Map(Linear, Used);
        guest[PaeGuest.Pdpt + 16] |= 0x2;

        WalkExplanation explanation = Explain(guest, Access.UserRead);

        Assert.Equal(EntrySource.Memory, explanation.Tables.Entries[0].Source);
        Assert.Null(explanation.PdpteInMemory);
        Assert.Equal([new FaultReason(FaultCause.ReservedBits, WalkLevel.Pdpte, 2, "4.4.2")], explanation.Reasons);
        Assert.Contains(explanation.Hints, hint => hint.Kind == HintKind.PdpteRights);
    }

    [Fact]
    public void Explain_ClearFlags_LeavesThemClear()
    {
        var guest = new PaeGuest();
        guest.Map(Linear, 0x5007, pdeFlags: 0x07);
        byte[] before = [.. guest.Memory];
        ulong[] pdptes = guest.Registers.Pdptes.ToArray();

        WalkExplanation explanation = Explain(guest, Access.UserWrite);

        Assert.Equal(before, guest.Memory);
        Assert.Equal(pdptes, guest.Registers.Pdptes.ToArray());
        Assert.NotEqual(PageAttributes.None, explanation.Result.Attributes & PageAttributes.Dirty); // as the walk would leave it
        Assert.Equal(guest.Walk(Linear, Access.UserWrite), explanation.Result);
    }

    [Fact]
    public void Explain_NoRegisters_Throws() =>
        Assert.Throws<ArgumentNullException>("control", () => WalkExplainer.Explain(new byte[8], null!, 0, Access.UserRead));

    private static WalkExplanation Explain(PaeGuest guest, Access access) =>
        WalkExplainer.Explain(guest.Memory, guest.Registers, Linear, access);

    private static WalkExplanation Explain(TwoLevelGuest guest, Access access) =>
        WalkExplainer.Explain(guest.Memory, guest.Registers, Linear, access);
}
