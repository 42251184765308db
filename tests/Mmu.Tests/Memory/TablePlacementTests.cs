// C63: page tables in ROM, in MMIO and where nothing answers. Not an architectural fault; the walk uses what the bus gives.

using System.Buffers.Binary;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Memory;

public sealed class TablePlacementTests
{
    private const uint Pdpt = 0x1000;
    private const ulong Tables = 0xF0_0000; // a directory, then a table
    private const uint Linear = 0x0000_5678; // entry 0 of the directory, entry 5 of the table
    private const ulong Pde = (Tables + 0x1000) | 0x7;
    private const ulong Pte = 0x0030_0000 | 0x7;
    private const ulong PteOffset = 0x1000 + (5 * 8);
    private const ulong Accessed = 0x20;
    private const ulong Dirty = 0x40;

    [Fact]
    public void Walk_TablesInRom_TranslatesWithoutFlags()
    {
        byte[] rom = new byte[0x2000];
        BinaryPrimitives.WriteUInt64LittleEndian(rom, Pde);
        BinaryPrimitives.WriteUInt64LittleEndian(rom.AsSpan((int)PteOffset), Pte);
        SystemBus bus = NewBus(map => map.AddRom(Tables, rom));
        ControlRegisters registers = WithPaging(ref bus);

        WalkResult result = PageWalker.Walk(ref bus, in registers.State, Linear, Access.UserWrite);

        Assert.False(result.IsFault);
        Assert.Equal(0x0030_0678UL, result.PhysicalAddress);
        Assert.Equal((Pde, Pte), (bus.LoadEntry64(Tables), bus.LoadEntry64(Tables + PteOffset)));
    }

    [Fact]
    public void Walk_TablesInMmio_IsOneLoadForEachEntryAndALoadAndAStoreForEachFlagging()
    {
        var device = new RecordingDevice(0x2000);
        (SystemBus bus, ControlRegisters registers) = WithDevice(device);

        WalkResult result = PageWalker.Walk(ref bus, in registers.State, Linear, Access.UserWrite);

        Assert.Equal(0x0030_0678UL, result.PhysicalAddress);
        Assert.Equal(
            [
                DeviceAccess.Load(0, 8, Pde),
                DeviceAccess.Load(0, 8, Pde),
                DeviceAccess.Store(0, 8, Pde | Accessed),
                DeviceAccess.Load(PteOffset, 8, Pte),
                DeviceAccess.Load(PteOffset, 8, Pte),
                DeviceAccess.Store(PteOffset, 8, Pte | Accessed | Dirty),
            ],
            device.Accesses);
    }

    [Fact]
    public void Walk_TablesInMmioWithFlagsSet_StoresNothing()
    {
        var device = new RecordingDevice(0x2000);
        (SystemBus bus, ControlRegisters registers) = WithDevice(device);
        device.Poke(0, Pde | Accessed);
        device.Poke(PteOffset, Pte | Accessed | Dirty);

        PageWalker.Walk(ref bus, in registers.State, Linear, Access.UserWrite);

        Assert.Equal(
            [DeviceAccess.Load(0, 8, Pde | Accessed), DeviceAccess.Load(PteOffset, 8, Pte | Accessed | Dirty)], device.Accesses);
    }

    [Fact]
    public void Walk_DeviceDropsTheFlags_EndsAndTriesAgainNextTime()
    {
        var device = new RecordingDevice(0x2000) { DropsStores = true };
        (SystemBus bus, ControlRegisters registers) = WithDevice(device);

        WalkResult first = PageWalker.Walk(ref bus, in registers.State, Linear, Access.UserWrite);
        WalkResult second = PageWalker.Walk(ref bus, in registers.State, Linear, Access.UserWrite);

        Assert.Equal(first, second);
        Assert.Equal(12, device.Accesses.Count);
    }

    [Theory]
    [InlineData(AccessKind.Read)]
    [InlineData(AccessKind.Write)]
    public void Walk_DeviceAnswersDifferentlyEachTime_EndsAfterABoundedNumberOfAccesses(AccessKind kind)
    {
        var device = new RecordingDevice(0x2000) { Toggles = 1 << 9 }; // a bit that the walk ignores
        (SystemBus bus, ControlRegisters registers) = WithDevice(device);

        WalkResult result = PageWalker.Walk(ref bus, in registers.State, Linear, new Access(kind, AccessMode.User));

        Assert.Equal(0x0030_0678UL, result.PhysicalAddress);
        Assert.InRange(device.Accesses.Count, 4, 300);
    }

    [Theory]
    [InlineData(0xFF, 0x09 | 0x04)] // all ones: present, with reserved bits
    [InlineData(0x00, 0x04)] // zeros: not present
    public void Walk_DirectoryInHole_FaultsAsTheOpenBusSays(byte openBus, int errorCode)
    {
        SystemBus bus = NewBus(map => map, openBus);
        ControlRegisters registers = WithPaging(ref bus);

        WalkResult result = PageWalker.Walk(ref bus, in registers.State, Linear, Access.UserRead);

        Assert.Equal(new PageFault((PageFaultErrorCode)errorCode, Linear), result.Fault);
    }

    [Theory]
    [InlineData(0xFF, 0x09 | 0x02)]
    [InlineData(0x00, 0x02)]
    public void Walk_TableInHole_FaultsAsTheOpenBusSays(byte openBus, int errorCode)
    {
        byte[] rom = new byte[0x1000];
        BinaryPrimitives.WriteUInt64LittleEndian(rom, Pde);
        SystemBus bus = NewBus(map => map.AddRom(Tables, rom), openBus);
        ControlRegisters registers = WithPaging(ref bus);

        WalkResult result = PageWalker.Walk(ref bus, in registers.State, Linear, Access.SupervisorWrite);

        Assert.Equal(new PageFault((PageFaultErrorCode)errorCode, Linear), result.Fault);
    }

    [Fact]
    public void Walk_FrameInHole_Translates()
    {
        var device = new RecordingDevice(0x2000);
        (SystemBus bus, ControlRegisters registers) = WithDevice(device);
        device.Poke(PteOffset, 0xF_FFFF_F007);

        WalkResult result = PageWalker.Walk(ref bus, in registers.State, Linear, Access.UserWrite);

        Assert.Equal(0xF_FFFF_F678UL, result.PhysicalAddress);
        Assert.Equal(uint.MaxValue, bus.Load<uint>(result.PhysicalAddress));
    }

    [Fact]
    public void WriteCr3_PdptInMmio_IsFourLoads()
    {
        var device = new RecordingDevice(0x2000);
        (SystemBus bus, ControlRegisters registers) = WithDevice(device);
        device.Poke(0x60, 0x5001);

        Invalidation? dropped = registers.WriteCr3((uint)Tables + 0x60, ref bus);

        Assert.NotNull(dropped);
        Assert.Equal(
            [
                DeviceAccess.Load(0x60, 8, 0x5001), DeviceAccess.Load(0x68, 8, 0),
                DeviceAccess.Load(0x70, 8, 0), DeviceAccess.Load(0x78, 8, 0),
            ],
            device.Accesses);
    }

    [Fact]
    public void WriteCr3_PdptInHole_IsRefusedForItsReservedBits()
    {
        SystemBus bus = NewBus(map => map);
        ControlRegisters registers = WithPaging(ref bus);

        Assert.Null(registers.WriteCr3(0xF000_0000, ref bus));
        Assert.Equal(Pdpt, registers.Cr3);
    }

    [Fact]
    public void Walk_TwoLevelTablesInMmio_LoadsAndStoresFourBytes()
    {
        var device = new RecordingDevice(0x2000);
        device.Poke(0, (uint)Pde);
        device.Poke(0x1000 + (5 * 4), (uint)Pte);
        SystemBus bus = NewBus(map => map.AddMmio(Tables, 0x2000, device));
        var registers = new ControlRegisters(CpuFeatures.Pae36);
        registers.WriteCr3((uint)Tables, ref bus);
        registers.WriteCr0((uint)(Cr0.Paging | Cr0.ProtectionEnable), ref bus);

        WalkResult result = PageWalker.Walk(ref bus, in registers.State, Linear, Access.UserRead);

        Assert.Equal(0x0030_0678UL, result.PhysicalAddress);
        Assert.Equal(
            [
                DeviceAccess.Load(0, 4, Pde),
                DeviceAccess.Load(0, 4, Pde),
                DeviceAccess.Store(0, 4, Pde | Accessed),
                DeviceAccess.Load(0x1014, 4, Pte),
                DeviceAccess.Load(0x1014, 4, Pte),
                DeviceAccess.Store(0x1014, 4, Pte | Accessed),
            ],
            device.Accesses);
    }

    private static SystemBus NewBus(Func<PhysicalMap, PhysicalMap> describe, byte openBus = 0xFF) =>
        new(describe(new PhysicalMap(new GuestMemory(4 << 20, openBus)).AddRam()));

    private static (SystemBus Bus, ControlRegisters Registers) WithDevice(RecordingDevice device)
    {
        device.Poke(0, Pde);
        device.Poke(PteOffset, Pte);
        SystemBus bus = NewBus(map => map.AddMmio(Tables, 0x2000, device));
        return (bus, WithPaging(ref bus));
    }

    /// <summary>PAE paging with a directory at <see cref="Tables"/> for the lowest GiB.</summary>
    private static ControlRegisters WithPaging(ref SystemBus bus)
    {
        bus.Store(Pdpt, Tables | 1);
        var registers = new ControlRegisters(CpuFeatures.Pae36);
        registers.WriteCr3(Pdpt, ref bus);
        registers.WriteCr4((uint)Cr4.PhysicalAddressExtension, ref bus);
        registers.WriteCr0((uint)(Cr0.Paging | Cr0.ProtectionEnable), ref bus);
        return registers;
    }
}
