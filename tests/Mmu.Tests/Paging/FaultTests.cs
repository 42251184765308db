using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>Order of the checks, error code and CR2 (docs/rules.md, C30 to C34).</summary>
public sealed class FaultTests
{
    private const uint Linear = 0x8060_3ABC;
    private const ulong Used = PaeGuest.Used;
    private const ulong Reserved = 1UL << 50;

    // C31. The level first reached decides, and P before reserved bits before rights.
    [Theory]
    [InlineData(0x66ul, Used, 0x04u)] // PDE not present
    [InlineData(0x66ul | Reserved, Used, 0x04u)] // and with a reserved bit
    [InlineData(Used | Reserved, Used, 0x0Du)] // PDE reserved
    [InlineData(Used | Reserved, 0x66ul, 0x0Du)] // and PTE not present
    [InlineData(0x63ul, 0x66ul, 0x04u)] // PDE supervisor, PTE not present: not a protection fault
    [InlineData(Used, 0x66ul | Reserved, 0x04u)] // PTE not present, with a reserved bit
    [InlineData(0x63ul, Used | Reserved, 0x0Du)] // PDE supervisor, PTE reserved
    [InlineData(0x63ul, Used, 0x05u)] // PDE supervisor: rights, only now
    [InlineData(Used, 0x63ul, 0x05u)] // PTE supervisor
    public void Walk_SeveralReasonsToFault_ReportsTheFirst(ulong pde, ulong pte, uint errorCode)
    {
        var guest = new PaeGuest();
        guest.Map(Linear, pte, pde);

        Assert.Equal(new PageFault((PageFaultErrorCode)errorCode, Linear), guest.Walk(Linear, Access.UserRead).Fault);
    }

    // C31, C22. Bit 63 with NXE = 0 in the PDE comes before P = 0 in the PTE.
    [Fact]
    public void Walk_Bit63OfPdeWithoutNxe_ComesBeforeNotPresentPte()
    {
        var guest = new PaeGuest(nxe: false);
        guest.Map(Linear, 0, pdeFlags: Used | EntryBits.ExecuteDisable);

        Assert.Equal(0x09u, (uint)guest.Walk(Linear, Access.SupervisorRead).Fault.ErrorCode);
    }

    // C31. A PDPTE that is not present, before anything in memory is read.
    [Fact]
    public void Walk_PdpteNotPresent_FaultsAsNotPresent()
    {
        var guest = new PaeGuest();
        guest[PaeGuest.Pdpt + 16] = 0;
        guest.WriteCr3(PaeGuest.Pdpt);
        guest.Map(Linear, Used | Reserved);

        Assert.Equal(new PageFault((PageFaultErrorCode)0x06, Linear), guest.Walk(Linear, Access.UserWrite).Fault);
    }

    // C30. I/D is reported with SMEP or with NXE; without either a fetch looks like a read. It says what the access was.
    [Theory]
    [InlineData(false, false, 0x00u)]
    [InlineData(true, false, 0x10u)]
    [InlineData(false, true, 0x10u)]
    [InlineData(true, true, 0x10u)]
    public void Walk_FetchFault_ReportsFetchOnlyWithNxeOrSmep(bool nxe, bool smep, uint fetch)
    {
        var guest = new PaeGuest(cr4: smep ? Cr4.SupervisorExecutionPrevention : Cr4.None, nxe: nxe);

        guest.Map(Linear, 0);
        Assert.Equal(fetch, (uint)guest.Walk(Linear, Access.SupervisorFetch).Fault.ErrorCode);
        Assert.Equal(fetch | 0x04, (uint)guest.Walk(Linear, Access.UserFetch).Fault.ErrorCode);

        guest.Map(Linear, 0x61);
        Assert.Equal(fetch | 0x05, (uint)guest.Walk(Linear, Access.UserFetch).Fault.ErrorCode);

        guest.Map(Linear, Used | Reserved);
        Assert.Equal(fetch | 0x09, (uint)guest.Walk(Linear, Access.SupervisorFetch).Fault.ErrorCode);
    }

    // C30. EFER.NXE does not count without PAE: I/D then depends on SMEP alone.
    [Theory]
    [InlineData(Cr4.None, 0x00u)]
    [InlineData(Cr4.SupervisorExecutionPrevention, 0x10u)]
    public void Walk_FetchFaultInTwoLevelPaging_DoesNotReportFetchForNxe(Cr4 smep, uint errorCode)
    {
        var guest = new TwoLevelGuest(cr4: smep);
        Assert.NotNull(guest.Registers.WriteEfer((ulong)Efer.ExecuteDisableEnable));

        Assert.Equal(errorCode, (uint)guest.Walk(Linear, Access.SupervisorFetch).Fault.ErrorCode);
    }

    // C30. W/R and U/S for every access, whatever the cause.
    [Fact]
    public void Walk_EveryAccessAndCause_ReportsAccessAndCause()
    {
        var guest = new PaeGuest();
        foreach (ProductAccess access in ProductAccess.All)
        {
            uint about = (access.Write ? 2u : 0) | (access.User ? 4u : 0) | (access.Fetch ? 16u : 0);

            guest.Map(Linear, 0);
            Assert.Equal(about, (uint)guest.Walk(Linear, access.Access).Fault.ErrorCode);

            guest.Map(Linear, Used | Reserved);
            Assert.Equal(about | 9, (uint)guest.Walk(Linear, access.Access).Fault.ErrorCode);
        }
    }

    // C32. W/R tells what the access was, not what was wrong.
    [Theory]
    [InlineData(AccessKind.Read, 0x09u)]
    [InlineData(AccessKind.Write, 0x0Bu)]
    [InlineData(AccessKind.ReadModifyWrite, 0x0Bu)]
    [InlineData(AccessKind.Fetch, 0x19u)]
    public void Walk_ReservedBitInPresentPte_FaultsWithReservedAndPresent(AccessKind kind, uint errorCode)
    {
        var guest = new PaeGuest();
        guest.Map(Linear, Used | Reserved);

        WalkResult result = guest.Walk(Linear, new Access(kind, AccessMode.Supervisor));

        Assert.Equal(new PageFault((PageFaultErrorCode)errorCode, Linear), result.Fault);
    }

    // C33. CR2 is the byte address, not the page.
    [Theory]
    [InlineData(0x0000_0000u)]
    [InlineData(0x0000_0001u)]
    [InlineData(0x1234_5678u)]
    [InlineData(0xBFFF_FFFFu)]
    [InlineData(0xFFFF_FFFFu)]
    public void Walk_Fault_GivesTheByteAddressForCr2(uint linear) =>
        Assert.Equal(linear, new PaeGuest().Walk(linear, Access.UserRead).Fault.Cr2);

    // C34. Implicit accesses are supervisor accesses at any CPL, and AC does not help them past SMAP.
    [Theory]
    [InlineData(AccessKind.Read, 0x01u)]
    [InlineData(AccessKind.Write, 0x03u)]
    [InlineData(AccessKind.ReadModifyWrite, 0x03u)]
    public void Walk_ImplicitAccess_IsASupervisorAccessThatIgnoresAc(AccessKind kind, uint errorCode)
    {
        var guest = new PaeGuest(cr4: Cr4.SupervisorAccessPrevention);
        var access = new Access(kind, AccessMode.SupervisorImplicit, alignmentCheck: true);

        guest.Map(Linear, Used);
        Assert.Equal(errorCode, (uint)guest.Walk(Linear, access).Fault.ErrorCode);

        guest.Map(Linear, 0x63);
        Assert.False(guest.Walk(Linear, access).IsFault);

        guest.Map(Linear, 0);
        Assert.Equal(errorCode & 2, (uint)guest.Walk(Linear, access).Fault.ErrorCode);
    }
}
