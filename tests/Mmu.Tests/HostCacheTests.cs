using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests;

/// <summary>The functional MMU: what its host cache may serve, and what must end that.</summary>
public sealed class HostCacheTests
{
    private const uint Linear = 0x5000;
    private const uint Frame = 0x8000;
    private const uint OtherFrame = 0x9000;
    private const ulong CleanFlags = 0x27; // P, R/W, U/S, A
    private const ulong ReadOnlyFlags = 0x65; // P, U/S, A, D
    private const ulong SupervisorFlags = 0x63; // P, R/W, A, D

    private readonly StaleGuest _guest = new(tlbs: TlbConfiguration.Functional);

    public HostCacheTests()
    {
        new RamBus(_guest.Memory).Store(Frame, 0x1111u);
        new RamBus(_guest.Memory).Store(OtherFrame, 0x2222u);
        _guest.SetPte(Linear, Frame | StaleGuest.Flags);
    }

    private Mmu<RamBus, NoTiming> Mmu => _guest.Mmu;

    [Fact]
    public void Read_EntryEditedWithoutInvalidation_StaysStaleUntilInvlpg()
    {
        uint first = Value(Access.UserRead);
        _guest.SetPte(Linear, OtherFrame | StaleGuest.Flags);
        uint stale = Value(Access.UserRead);
        Mmu.Invlpg(Linear + 0x123);

        Assert.Equal((0x1111u, 0x1111u, 0x2222u), (first, stale, Value(Access.UserRead)));
    }

    [Fact]
    public void Read_PageAtFrameZero_HitsSecondTime()
    {
        new RamBus(_guest.Memory).Store(0x10, 7u);
        _guest.SetPte(Linear, StaleGuest.Flags);
        Mmu.Read(Linear + 0x10, Access.UserRead, out uint _);
        _guest.SetPte(Linear, OtherFrame | StaleGuest.Flags);

        Mmu.Read(Linear + 0x10, Access.UserRead, out uint value);

        Assert.Equal(7u, value);
    }

    // C44.
    [Fact]
    public void Write_PageReadWhileClean_SetsDirtyFirst()
    {
        _guest.SetPte(Linear, Frame | CleanFlags);
        Value(Access.UserRead);
        ulong afterRead = _guest.Pte(Linear);

        Assert.False(Mmu.Write(Linear, Access.UserWrite, 1u).IsFault);

        Assert.Equal((Frame | CleanFlags, Frame | StaleGuest.Flags), (afterRead, _guest.Pte(Linear)));
    }

    [Fact]
    public void Write_DirtyFlagClearedWithoutInvalidation_IsNotSetAgain()
    {
        Mmu.Write(Linear, Access.UserWrite, 1u);
        _guest.SetPte(Linear, Frame | CleanFlags);

        Mmu.Write(Linear, Access.UserWrite, 2u);

        Assert.Equal(Frame | CleanFlags, _guest.Pte(Linear));
    }

    [Fact]
    public void Access_UserAfterSupervisor_IsCheckedAnew()
    {
        _guest.SetPte(Linear, Frame | SupervisorFlags);
        Value(Access.SupervisorRead);

        Assert.Equal(PageFaultErrorCode.Present | PageFaultErrorCode.User, FaultOf(Access.UserRead));
    }

    [Fact]
    public void Write_WriteProtectTurnedOn_Faults()
    {
        _guest.SetPte(Linear, Frame | ReadOnlyFlags);
        Mmu.WriteCr0((uint)(Cr0.Paging | Cr0.ProtectionEnable));
        AccessResult before = Mmu.Write(Linear, Access.SupervisorWrite, 1u);
        Mmu.WriteCr0((uint)(Cr0.Paging | Cr0.ProtectionEnable | Cr0.WriteProtect));

        AccessResult after = Mmu.Write(Linear, Access.SupervisorWrite, 2u);

        Assert.Equal((false, true), (before.IsFault, after.IsFault));
        Assert.Equal(1u, Value(Access.UserRead));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_SupervisorAccessPreventionTurnedOn_PassesOnlyWithAlignmentCheck(bool alignmentCheck)
    {
        var access = new Access(AccessKind.Read, AccessMode.Supervisor, alignmentCheck);
        Value(access);
        Mmu.WriteCr4((uint)(Mmu.Cr4 | Cr4.SupervisorAccessPrevention));

        Assert.Equal(!alignmentCheck, Mmu.Read(Linear, access, out uint _).IsFault);
    }

    [Fact]
    public void Fetch_SupervisorExecutionPreventionTurnedOn_Faults()
    {
        bool before = Mmu.Fetch(Linear, AccessMode.Supervisor, out uint _).IsFault;
        Mmu.WriteCr4((uint)(Mmu.Cr4 | Cr4.SupervisorExecutionPrevention));

        Assert.Equal((false, true), (before, Mmu.Fetch(Linear, AccessMode.Supervisor, out uint _).IsFault));
    }

    [Fact]
    public void Invlpg_AnyAddressOfLargePage_DropsAllItsPieces()
    {
        _guest.SetPde(StaleGuest.LargePage | StaleGuest.Flags);
        new RamBus(_guest.Memory).Store(0x5_0000, 5u);
        Assert.Equal(0u, Read(0x7_0000));
        Assert.Equal(5u, Read(0x5_0000));
        _guest.SetPde(StaleGuest.Table | StaleGuest.Flags);
        uint stale = Read(0x5_0000);

        Mmu.Invlpg(0x1F_F000);

        Assert.Equal(5u, stale);
        Assert.True(Mmu.Read(0x5_0000, Access.UserRead, out uint _).IsFault);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Flush_ByCr3OrAll_DropsEverything(bool all)
    {
        Value(Access.UserRead);
        _guest.SetPte(Linear, OtherFrame | StaleGuest.Flags);
        if (all)
        {
            Mmu.FlushAll();
        }
        else
        {
            Mmu.WriteCr3(Mmu.Cr3);
        }

        Assert.Equal(0x2222u, Value(Access.UserRead));
    }

    [Fact]
    public void Flush_MoreOftenThanThereAreGenerations_NeverRevivesAnOldEntry()
    {
        Value(Access.UserRead);
        _guest.SetPte(Linear, 0);
        for (int i = 0; i < 10_000; i++)
        {
            Mmu.FlushAll();
            Assert.True(Mmu.Read(Linear, Access.UserRead, out uint _).IsFault);
        }
    }

    [Fact]
    public void Read_PageNeverWritten_SeesLaterWritesFromElsewhere()
    {
        _guest.SetPte(Linear, 0xF_0000 | StaleGuest.Flags);
        uint before = Value(Access.UserRead);
        new RamBus(_guest.Memory).Store(0xF_0000, 9u);

        Assert.Equal((0u, 9u, 9u), (before, Value(Access.UserRead), Value(Access.UserRead)));
    }

    [Fact]
    public void Read_PagingTurnedOn_NoLongerSeesPhysicalAddresses()
    {
        Mmu.WriteCr0((uint)Cr0.ProtectionEnable);
        Mmu.Read(Frame, Access.SupervisorRead, out uint _);
        Mmu.Read(Frame, Access.SupervisorRead, out uint identity);

        Mmu.WriteCr0((uint)(Cr0.Paging | Cr0.ProtectionEnable));

        Assert.Equal(0x1111u, identity);
        Assert.True(Mmu.Read(Frame, Access.SupervisorRead, out uint _).IsFault);
    }

    [Fact]
    public void Read_A20Masked_ReachesTheOtherMebibyte()
    {
        var mmu = MmuFactory.CreateFunctional(new GuestMemory(0x20_0000), CpuFeatures.Pae36);
        mmu.Write(0x10_0000, Access.SupervisorWrite, 1u);
        mmu.Write(0, Access.SupervisorWrite, 2u);
        mmu.Read(0x10_0000, Access.SupervisorRead, out uint open);
        mmu.SetA20Masked(true);

        mmu.Read(0x10_0000, Access.SupervisorRead, out uint masked);

        Assert.Equal((1u, 2u), (open, masked));
    }

    [Theory]
    [InlineData(0x5FFE)]
    [InlineData(0x5FFF)]
    public void Read_AcrossPages_TakesEachFromItsOwnFrame(uint linear)
    {
        _guest.SetPte(Linear + 0x1000, OtherFrame | StaleGuest.Flags);
        var ram = new RamBus(_guest.Memory);
        ram.Store(Frame + 0xFFC, 0x0403_0201u);
        ram.Store(OtherFrame, 0x0807_0605u);
        Read(Linear + 0xFFC);
        Read(Linear + 0x1000);

        Assert.Equal(linear == 0x5FFE ? 0x0605_0403u : 0x0706_0504u, Read(linear));
    }

    [Fact]
    public void Read_RomAndDevices_GoOverTheBus()
    {
        var memory = new GuestMemory(0x10_0000);
        var device = new Memory.RecordingDevice(0x1000);
        var map = new PhysicalMap(memory).AddRam(0, 0x10_0000).AddMmio(0x2000, 0x1000, device).AddRom(0x3000, new byte[0x1000]);
        var mmu = new Mmu<SystemBus, NoTiming>(new SystemBus(map), default, CpuFeatures.Pae36, TlbConfiguration.Functional);

        for (int i = 0; i < 3; i++)
        {
            mmu.Read(0x2000, Access.SupervisorRead, out uint _);
            mmu.Write(0x3000, Access.SupervisorWrite, 5u);
        }

        mmu.Read(0x3000, Access.SupervisorRead, out uint rom);
        Assert.Equal(3, device.Accesses.Count);
        Assert.Equal(0u, rom);
    }

    [Fact]
    public void GetPage_Ram_IsTheGuestsOwnMemoryUntilAnythingIsInvalidated()
    {
        Mmu.GetPage(Linear + 0x40, Access.UserWrite, out GuestPage page);
        page.WritableBytes[0] = 0x77;
        bool before = Mmu.IsCurrent(page);
        Mmu.Invlpg(0x1234_5000);

        Assert.Equal((true, false), (before, Mmu.IsCurrent(page)));
        Assert.Equal(0x1177u, Value(Access.UserRead));
    }

    [Fact]
    public void GetPage_ForARead_LendsNothingToStoreTo()
    {
        Mmu.GetPage(Linear, Access.UserRead, out GuestPage page);

        Assert.Equal((true, false, 4096, 0), (page.Exists, page.IsWritable, page.Bytes.Length, page.WritableBytes.Length));
    }

    [Fact]
    public void GetPage_Fault_GivesNone()
    {
        AccessResult result = Mmu.GetPage(0x6000, Access.UserRead, out GuestPage page);

        Assert.Equal(new PageFault(PageFaultErrorCode.User, 0x6000), result.Fault);
        Assert.Equal((false, 0, false), (page.Exists, page.Bytes.Length, Mmu.IsCurrent(page)));
    }

    [Fact]
    public void GetPage_RightsChanged_IsNoLongerCurrent()
    {
        Mmu.GetPage(Linear, Access.UserRead, out GuestPage page);

        Mmu.WriteCr0((uint)(Cr0.Paging | Cr0.ProtectionEnable));

        Assert.False(Mmu.IsCurrent(page));
    }

    [Fact]
    public void TranslateMany_MixedAddresses_AnswersAsTranslateDoes()
    {
        var random = new Random(7);
        var linear = new uint[1000];
        for (int i = 0; i < linear.Length; i++)
        {
            linear[i] = (uint)random.Next(0x20_0000);
        }

        for (uint page = 0; page < 0x20_0000; page += 0x3000)
        {
            _guest.SetPte(page, (page & 0xF_F000) | StaleGuest.Flags);
        }

        var results = new WalkResult[linear.Length];
        var twin = new StaleGuest(tlbs: TlbConfiguration.Functional, memory: _guest.Memory);
        for (uint page = 0; page < 0x20_0000; page += 0x3000)
        {
            twin.SetPte(page, (page & 0xF_F000) | StaleGuest.Flags);
        }

        Mmu.TranslateMany(linear, Access.UserRead, results);

        Assert.Equal(linear.Select(address => twin.Mmu.Translate(address, Access.UserRead)), results);
    }

    [Fact]
    public void TranslateMany_TooFewResults_Throws() => Assert.Throws<ArgumentException>(
        "results", () => Mmu.TranslateMany(new uint[2], Access.UserRead, new WalkResult[1]));

    [Fact]
    public void HostCache_MillionHits_AllocatesNothing()
    {
        Value(Access.UserRead);

        Assert.Equal(0, Allocation.Of(1_000_000, _ => Mmu.Read(Linear, Access.UserRead, out uint _)));
    }

    private uint Value(Access access)
    {
        Assert.False(Mmu.Read(Linear, access, out uint value).IsFault);
        return value;
    }

    private uint Read(uint linear)
    {
        Assert.False(Mmu.Read(linear, Access.UserRead, out uint value).IsFault);
        return value;
    }

    private PageFaultErrorCode FaultOf(Access access) => Mmu.Read(Linear, access, out uint _).Fault.ErrorCode;
}
