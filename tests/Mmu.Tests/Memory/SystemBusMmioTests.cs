using X86Pae.Memory;

namespace X86Pae.Tests.Memory;

public sealed class SystemBusMmioTests
{
    private const ulong Start = 0xFEC0_0000;

    private readonly RecordingDevice _device = new(0x2000);
    private readonly SystemBus _bus;

    public SystemBusMmioTests()
    {
        for (int i = 0; i < _device.Bytes.Length; i++)
        {
            _device.Bytes[i] = (byte)i;
        }

        _bus = new SystemBus(new PhysicalMap(new GuestMemory(1 << 20)).AddRam().AddMmio(Start, 0x2000, _device));
    }

    [Fact]
    public void Load_AlignedAndOfAnySize_IsOneAccess()
    {
        Assert.Equal(0x11, _bus.Load<byte>(Start + 0x11));
        Assert.Equal(0x1312, _bus.Load<ushort>(Start + 0x12));
        Assert.Equal(0x1716_1514u, _bus.Load<uint>(Start + 0x14));
        Assert.Equal(0x1F1E_1D1C_1B1A_1918UL, _bus.Load<ulong>(Start + 0x18));

        Assert.Equal(
            [
                DeviceAccess.Load(0x11, 1, 0x11),
                DeviceAccess.Load(0x12, 2, 0x1312),
                DeviceAccess.Load(0x14, 4, 0x1716_1514),
                DeviceAccess.Load(0x18, 8, 0x1F1E_1D1C_1B1A_1918),
            ],
            _device.Accesses);
    }

    [Fact]
    public void Store_AlignedAndOfAnySize_IsOneAccess()
    {
        _bus.Store<byte>(Start + 0x1FFF, 0x81);
        _bus.Store<short>(Start + 2, -2);
        _bus.Store(Start + 0x1000, -3);
        _bus.Store(Start + 8, 0x8877_6655_4433_2211);

        Assert.Equal(
            [
                DeviceAccess.Store(0x1FFF, 1, 0x81),
                DeviceAccess.Store(2, 2, 0xFFFE),
                DeviceAccess.Store(0x1000, 4, 0xFFFF_FFFD),
                DeviceAccess.Store(8, 8, 0x8877_6655_4433_2211),
            ],
            _device.Accesses);
    }

    [Theory]
    [InlineData(0, 16, new[] { 0, 8, 8, 8 })]
    [InlineData(1, 4, new[] { 1, 1, 2, 2, 4, 1 })]
    [InlineData(2, 4, new[] { 2, 2, 4, 2 })]
    [InlineData(4, 8, new[] { 4, 4, 8, 4 })]
    [InlineData(0, 3, new[] { 0, 2, 2, 1 })]
    [InlineData(7, 10, new[] { 7, 1, 8, 8, 16, 1 })]
    [InlineData(0xFFB, 5, new[] { 0xFFB, 1, 0xFFC, 4 })]
    public void Span_OfAnyShape_IsSplitIntoAlignedAccessesFromTheLowestAddressOn(int offset, int length, int[] offsetsAndSizes)
    {
        byte[] bytes = new byte[length];

        _bus.Read(Start + (ulong)offset, bytes);
        _bus.Write(Start + (ulong)offset, bytes);

        int[] Shape(bool stores) =>
        [
            .. _device.Accesses.Where(access => access.IsStore == stores)
                .SelectMany(access => new[] { (int)access.Offset, access.SizeInBytes }),
        ];

        Assert.Equal(_device.Bytes[offset..(offset + length)], bytes);
        Assert.Equal(Enumerable.Range(offset, length).Select(i => (byte)i), bytes);
        Assert.Equal(offsetsAndSizes, Shape(stores: false));
        Assert.Equal(offsetsAndSizes, Shape(stores: true));
    }

    [Fact]
    public void Load_Unaligned_AssemblesTheBytes()
    {
        Assert.Equal(0x0605_0403u, _bus.Load<uint>(Start + 3));
    }

    [Fact]
    public void Store_Shorter_CarriesZerosAboveTheValue()
    {
        _bus.Write(Start + 4, [0xFF, 0xFE, 0xFD, 0xFC]);

        Assert.Equal([DeviceAccess.Store(4, 4, 0xFCFD_FEFF)], _device.Accesses);
    }

    [Fact]
    public void Load_DeviceAnswersMoreThanAsked_IsCutToTheSize()
    {
        var bus = new SystemBus(new PhysicalMap(new GuestMemory(0x1000)).AddMmio(0, 0x1000, new NoisyDevice()));

        Assert.Equal((0xCC, 0xDDCC, 0xDDCC), (bus.Load<byte>(8), bus.Load<ushort>(8), (int)(bus.Load<uint>(10) & 0xFFFF)));
    }

    [Fact]
    public void Load_BesideTheRegion_DoesNotReachTheDevice()
    {
        Assert.Equal(0xFF, _bus.Load<byte>(Start - 1));
        Assert.Equal(0xFF, _bus.Load<byte>(Start + 0x2000));

        Assert.Empty(_device.Accesses);
    }

    [Fact]
    public void Access_OverRam_ReachesTheDeviceAlone()
    {
        var memory = new GuestMemory(1 << 20);
        var bus = new SystemBus(new PhysicalMap(memory).AddRam().AddMmio(0xA_0000, 0x2000, _device));

        bus.Store<uint>(0xA_0010, 0x1234_5678);
        bus.UpdateEntry64(0xA_0018, bus.LoadEntry64(0xA_0018), 0);

        Assert.Equal(0, memory.ResidentPages);
        Assert.Equal(DeviceAccess.Store(0x10, 4, 0x1234_5678), _device.Accesses[0]);
    }

    [Fact]
    public void Update_EntryAsExpected_IsOneLoadAndOneStore()
    {
        _device.Poke(0x40, 0xAABB);

        Assert.Equal(EntryUpdate.Done, _bus.UpdateEntry64(Start + 0x40, 0xAABB, 0xAABF));
        Assert.Equal(EntryUpdate.Done, _bus.UpdateEntry32(Start + 0x40, 0xAABF, 0x1));

        Assert.Equal(
            [
                DeviceAccess.Load(0x40, 8, 0xAABB), DeviceAccess.Store(0x40, 8, 0xAABF),
                DeviceAccess.Load(0x40, 4, 0xAABF), DeviceAccess.Store(0x40, 4, 0x1),
            ],
            _device.Accesses);
    }

    [Fact]
    public void Update_EntryNotAsExpected_IsOneLoad()
    {
        _device.Poke(0x40, 0xAABB);

        Assert.Equal(EntryUpdate.Changed, _bus.UpdateEntry64(Start + 0x40, 0xAABC, 0xAABF));

        Assert.Equal([DeviceAccess.Load(0x40, 8, 0xAABB)], _device.Accesses);
    }

    private sealed class NoisyDevice : IMmioDevice
    {
        public ulong Load(ulong offset, int sizeInBytes) => 0x1122_3344_AABB_DDCC;

        public void Store(ulong offset, int sizeInBytes, ulong value)
        {
        }
    }
}
