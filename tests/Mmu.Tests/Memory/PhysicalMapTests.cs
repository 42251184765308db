using X86Pae.Memory;

namespace X86Pae.Tests.Memory;

public sealed class PhysicalMapTests
{
    private readonly PhysicalMap _map = new(new GuestMemory(1 << 20));
    private readonly RecordingDevice _device = new(0x1000);

    [Fact]
    public void New_WithoutMemory_NamesTheParameter() =>
        Assert.Throws<ArgumentNullException>("memory", () => new PhysicalMap(null!));

    [Fact]
    public void NewBus_WithoutMap_NamesTheParameter() =>
        Assert.Throws<ArgumentNullException>("map", () => new SystemBus(null!));

    [Fact]
    public void AddMmio_WithoutDevice_NamesTheParameter() =>
        Assert.Throws<ArgumentNullException>("device", () => _map.AddMmio(0, 0x1000, null!));

    [Theory]
    [InlineData(0x1UL, 0x1000UL, "address")]
    [InlineData(0x800UL, 0x1000UL, "address")]
    [InlineData(PhysicalMap.AddressLimit, 0x1000UL, "address")]
    [InlineData(0xFFFF_FFFF_FFFF_F000UL, 0x1000UL, "address")]
    [InlineData(0UL, 0UL, "sizeInBytes")]
    [InlineData(0UL, 0xFFFUL, "sizeInBytes")]
    [InlineData(0UL, 0x1001UL, "sizeInBytes")]
    [InlineData(0x1000UL, PhysicalMap.AddressLimit, "sizeInBytes")]
    [InlineData(0x1000UL, 0xFFFF_FFFF_FFFF_F000UL, "sizeInBytes")]
    public void AddMmio_Misplaced_NamesTheParameter(ulong address, ulong size, string parameter) =>
        Assert.Throws<ArgumentOutOfRangeException>(parameter, () => _map.AddMmio(address, size, _device));

    [Theory]
    [InlineData(0x10UL, 0x1000, "address")]
    [InlineData(PhysicalMap.AddressLimit, 0x1000, "address")]
    [InlineData(0UL, 0, "contents")]
    [InlineData(0UL, 0x1234, "contents")]
    [InlineData(PhysicalMap.AddressLimit - 0x1000, 0x2000, "contents")]
    public void AddRom_Misplaced_NamesTheParameter(ulong address, int length, string parameter) =>
        Assert.Throws<ArgumentOutOfRangeException>(parameter, () => _map.AddRom(address, new byte[length]));

    [Theory]
    [InlineData(0x10UL, 0x1000UL, "address")]
    [InlineData(0x10_0000UL, 0x1000UL, "address")]
    [InlineData(0UL, 0UL, "sizeInBytes")]
    [InlineData(0UL, 0x1800UL, "sizeInBytes")]
    [InlineData(0xF_F000UL, 0x2000UL, "sizeInBytes")]
    public void AddRam_OutsideTheMemory_NamesTheParameter(ulong address, ulong size, string parameter) =>
        Assert.Throws<ArgumentOutOfRangeException>(parameter, () => _map.AddRam(address, size));

    [Theory]
    [InlineData(0x3000UL)]
    [InlineData(0x4000UL)]
    [InlineData(0x5000UL)]
    public void AddRom_OverMmio_NamesBothRegions(ulong address)
    {
        _map.AddMmio(0x4000, 0x2000, _device);

        var error = Assert.Throws<ArgumentException>(nameof(address), () => _map.AddRom(address, new byte[0x2000]));

        string both = $"ROM {address:X8}h-{address + 0x1FFF:X8}h overlaps MMIO 00004000h-00005FFFh";
        Assert.Contains(both, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddMmio_OverMmio_NamesBothRegions()
    {
        _map.AddMmio(0xFEC0_0000, 0x1000, _device);

        var error = Assert.Throws<ArgumentException>("address", () => _map.AddMmio(0xFEB0_0000, 0x20_0000, _device));

        Assert.Contains("MMIO FEB00000h-FECFFFFFh overlaps MMIO FEC00000h-FEC00FFFh", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddRam_OverRam_NamesBothRanges()
    {
        _map.AddRam(0, 0x8000);

        var error = Assert.Throws<ArgumentException>("address", () => _map.AddRam(0x7000, 0x1000));

        Assert.Contains("RAM 00007000h-00007FFFh overlaps RAM 00000000h-00007FFFh", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddRam_AllAfterSome_SaysWhatIsThere()
    {
        _map.AddRam(0x1000, 0x1000);

        var error = Assert.Throws<InvalidOperationException>(_map.AddRam);

        Assert.Contains("RAM 00001000h-00001FFFh", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_Refused_LeavesTheMapAsItWas()
    {
        _map.AddRom(0x4000, new byte[0x1000]);
        Assert.Throws<ArgumentException>(() => _map.AddMmio(0x3000, 0x2000, _device));

        var bus = new SystemBus(_map);

        Assert.Equal((RegionKind.Hole, RegionKind.Rom), (bus.KindOf(0x3000), bus.KindOf(0x4000)));
    }

    [Fact]
    public void Add_NeighboursInAnyOrder_AreFoundToTheByte()
    {
        _map.AddMmio(0x6000, 0x1000, _device).AddRom(0x4000, new byte[0x1000]);
        _map.AddRam(0x2000, 0x8000).AddRom(0x5000, new byte[0x1000]);

        var bus = new SystemBus(_map);

        Assert.Equal((RegionKind.Hole, RegionKind.Ram), (bus.KindOf(0x1FFF), bus.KindOf(0x2000)));
        Assert.Equal((RegionKind.Ram, RegionKind.Rom), (bus.KindOf(0x3FFF), bus.KindOf(0x4000)));
        Assert.Equal((RegionKind.Rom, RegionKind.Mmio), (bus.KindOf(0x5FFF), bus.KindOf(0x6000)));
        Assert.Equal((RegionKind.Mmio, RegionKind.Ram), (bus.KindOf(0x6FFF), bus.KindOf(0x7000)));
        Assert.Equal((RegionKind.Ram, RegionKind.Hole), (bus.KindOf(0x9FFF), bus.KindOf(0xA000)));
    }

    [Fact]
    public void Add_AfterABusWasMade_DoesNotReachIt()
    {
        _map.AddRam();
        var before = new SystemBus(_map);
        _map.AddRom(0xF_0000, new byte[0x1000]);

        var after = new SystemBus(_map);

        Assert.Equal((RegionKind.Ram, RegionKind.Rom), (before.KindOf(0xF_0000), after.KindOf(0xF_0000)));
    }

    [Fact]
    public void AddRom_CallerChangesItsArray_RomStays()
    {
        byte[] contents = new byte[0x1000];
        contents[5] = 0x5A;
        var bus = new SystemBus(_map.AddRom(0, contents));

        contents[5] = 0;

        Assert.Equal(0x5A, bus.Load<byte>(5));
    }

    [Fact]
    public void AddMmio_LastPageOfTheAddressSpace_Answers()
    {
        var bus = new SystemBus(_map.AddMmio(PhysicalMap.AddressLimit - 0x1000, 0x1000, _device));

        bus.Store<byte>(PhysicalMap.AddressLimit - 1, 7);

        Assert.Equal([DeviceAccess.Store(0xFFF, 1, 7)], _device.Accesses);
        Assert.Equal(RegionKind.Hole, bus.KindOf(PhysicalMap.AddressLimit));
        Assert.Equal(RegionKind.Hole, bus.KindOf(ulong.MaxValue));
    }
}
