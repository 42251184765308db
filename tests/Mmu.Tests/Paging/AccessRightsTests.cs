using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>Access rights as the walk applies them (docs/rules.md, C20 to C22).</summary>
public sealed class AccessRightsTests
{
    private const uint Linear = 0x8060_3ABC;

    // C20. U, W, XD by WP, SMEP, SMAP by the sixteen accesses, once in the PTE and once in a 2-MiB PDE.
    [Fact]
    public void Walk_RightsProduct_FollowsTheTable()
    {
        for (int state = 0; state < 8; state++)
        {
            ProductControls controls = ProductControls.FromIndex(state | 0x30);
            Cr4 cr4 = (controls.Smep ? Cr4.SupervisorExecutionPrevention : 0) | (controls.Smap ? Cr4.SupervisorAccessPrevention : 0);
            var guest = new PaeGuest(cr4: cr4, writeProtect: controls.WriteProtect);
            for (int page = 0; page < 8; page++)
            {
                bool user = (page & 1) != 0;
                bool writable = (page & 2) != 0;
                bool executeDisable = (page & 4) != 0;
                ulong entry = 0x61 | (user ? 4u : 0) | (writable ? 2u : 0) | (executeDisable ? EntryBits.ExecuteDisable : 0);
                foreach (ProductAccess access in ProductAccess.All)
                {
                    bool denied = ProductRules.Denied(access, controls, user, writable, executeDisable);
                    guest.Map(Linear, entry);
                    Assert.Equal(denied, guest.Walk(Linear, access.Access).IsFault);
                    guest.MapLarge(Linear, entry | 0x80);
                    Assert.Equal(denied, guest.Walk(Linear, access.Access).IsFault);
                }
            }
        }
    }

    // C20. U and W are the AND, XD is the OR over the levels.
    [Theory]
    [InlineData(0x67ul, 0x67ul, PageAttributes.User | PageAttributes.Writable)]
    [InlineData(0x63ul, 0x67ul, PageAttributes.Writable)]
    [InlineData(0x67ul, 0x63ul, PageAttributes.Writable)]
    [InlineData(0x65ul, 0x67ul, PageAttributes.User)]
    [InlineData(0x67ul, 0x65ul, PageAttributes.User)]
    [InlineData(0x8000_0000_0000_0061ul, 0x61ul, PageAttributes.ExecuteDisable)]
    [InlineData(0x61ul, 0x8000_0000_0000_0061ul, PageAttributes.ExecuteDisable)]
    public void Walk_RightsOfBothLevels_AreCombined(ulong pde, ulong pte, PageAttributes rights)
    {
        var guest = new PaeGuest();
        guest.Map(Linear, pte, pde);

        Assert.Equal(rights | PageAttributes.Dirty, guest.Walk(Linear, Access.SupervisorRead).Attributes);
    }

    // C21. WP = 0 lets the supervisor write to read-only pages, and nobody else.
    [Theory]
    [InlineData(true, AccessMode.User, true)]
    [InlineData(false, AccessMode.User, true)]
    [InlineData(true, AccessMode.Supervisor, true)]
    [InlineData(false, AccessMode.Supervisor, false)]
    [InlineData(true, AccessMode.SupervisorImplicit, true)]
    [InlineData(false, AccessMode.SupervisorImplicit, false)]
    public void Walk_WriteToReadOnlyUserPage_DependsOnWpForTheSupervisorAlone(bool writeProtect, AccessMode mode, bool faults)
    {
        var guest = new PaeGuest(writeProtect: writeProtect);
        guest.Map(Linear, 0x65);

        Assert.Equal(faults, guest.Walk(Linear, new Access(AccessKind.Write, mode)).IsFault);
    }

    // C21. WP = 0 does not switch SMAP off.
    [Fact]
    public void Walk_SupervisorWriteWithoutWp_StillObeysSmap()
    {
        var guest = new PaeGuest(cr4: Cr4.SupervisorAccessPrevention, writeProtect: false);
        guest.Map(Linear, 0x67);

        Assert.Equal(0x03u, (uint)guest.Walk(Linear, Access.SupervisorWrite).Fault.ErrorCode);
    }

    // C21. A change of WP takes effect with the next walk.
    [Fact]
    public void WriteCr0_WpToggled_TakesEffectAtOnce()
    {
        var guest = new PaeGuest();
        guest.Map(Linear, 0x61);
        Assert.True(guest.Walk(Linear, Access.SupervisorWrite).IsFault);

        guest.WriteCr0(Cr0.Paging | Cr0.ProtectionEnable);
        Assert.False(guest.Walk(Linear, Access.SupervisorWrite).IsFault);
    }

    // C22. With NXE = 0 bit 63 is reserved for every access, not only for fetches.
    [Theory]
    [InlineData(AccessKind.Read)]
    [InlineData(AccessKind.Write)]
    [InlineData(AccessKind.Fetch)]
    public void Walk_ExecuteDisableWithoutNxe_IsReserved(AccessKind kind)
    {
        var guest = new PaeGuest(nxe: false);
        guest.Map(Linear, 0x67 | EntryBits.ExecuteDisable);

        PageFaultErrorCode errorCode = guest.Walk(Linear, new Access(kind, AccessMode.User)).Fault.ErrorCode;

        Assert.True(errorCode.HasFlag(PageFaultErrorCode.Reserved | PageFaultErrorCode.Present));
    }

    // C22. EFER is read by the next walk: XD becomes reserved and back again.
    [Fact]
    public void WriteEfer_NxeToggled_TakesEffectAtOnce()
    {
        var guest = new PaeGuest();
        guest.Map(Linear, 0x67 | EntryBits.ExecuteDisable);

        Assert.False(guest.Walk(Linear, Access.UserRead).IsFault);
        guest.Registers.WriteEfer(0);
        Assert.Equal(0x0Du, (uint)guest.Walk(Linear, Access.UserRead).Fault.ErrorCode);
        guest.Registers.WriteEfer((ulong)Efer.ExecuteDisableEnable);
        Assert.Equal(0x15u, (uint)guest.Walk(Linear, Access.UserFetch).Fault.ErrorCode);
    }

    // C20. An access says of itself what it was made of, and refuses what is not defined.
    [Fact]
    public void Access_EveryKindAndMode_ReportsThemBack()
    {
        foreach (AccessKind kind in Enum.GetValues<AccessKind>())
        {
            foreach (AccessMode mode in Enum.GetValues<AccessMode>())
            {
                foreach (bool ac in new[] { false, true })
                {
                    var access = new Access(kind, mode, ac);
                    Assert.Equal((kind, mode), (access.Kind, access.Mode));
                    Assert.Equal(kind is AccessKind.Write or AccessKind.ReadModifyWrite, access.IsWrite);
                    Assert.Equal(kind == AccessKind.Fetch, access.IsFetch);
                    Assert.Equal(mode == AccessMode.User, access.IsUser);
                }
            }
        }

        Assert.Equal(Access.UserRead, default);
        Assert.Equal("kind", Assert.Throws<ArgumentOutOfRangeException>(() => new Access((AccessKind)4, AccessMode.User)).ParamName);
        Assert.Equal("mode", Assert.Throws<ArgumentOutOfRangeException>(() => new Access(AccessKind.Read, (AccessMode)3)).ParamName);
    }

    // C20. The ready-made accesses.
    [Fact]
    public void Access_ReadyMade_AreWhatTheirNamesSay()
    {
        Assert.Equal(new Access(AccessKind.Read, AccessMode.User), Access.UserRead);
        Assert.Equal(new Access(AccessKind.Write, AccessMode.User), Access.UserWrite);
        Assert.Equal(new Access(AccessKind.Fetch, AccessMode.User), Access.UserFetch);
        Assert.Equal(new Access(AccessKind.Read, AccessMode.Supervisor), Access.SupervisorRead);
        Assert.Equal(new Access(AccessKind.Write, AccessMode.Supervisor), Access.SupervisorWrite);
        Assert.Equal(new Access(AccessKind.Fetch, AccessMode.Supervisor), Access.SupervisorFetch);
    }
}
