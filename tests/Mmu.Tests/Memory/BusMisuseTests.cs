using X86Pae.Memory;

namespace X86Pae.Tests.Memory;

/// <summary>What only a host can get wrong is refused by name and writes nothing.</summary>
public sealed class BusMisuseTests
{
    private readonly GuestMemory _memory = new(0x1_0000);

    public static TheoryData<string> Buses => [nameof(RamBus), nameof(SystemBus)];

    [Fact]
    public void NewRamBus_WithoutMemory_NamesTheParameter() =>
        Assert.Throws<ArgumentNullException>("memory", () => new RamBus(null!));

    [Theory]
    [MemberData(nameof(Buses))]
    public void Store_AcrossPages_NamesTheAddressAndWritesNothing(string bus) => On(bus, AssertStoresAreRefused);

    [Theory]
    [MemberData(nameof(Buses))]
    public void Span_ReachingIntoTheNextPage_NamesTheParameterAndWritesNothing(string bus) => On(bus, AssertSpansAreRefused);

    [Theory]
    [MemberData(nameof(Buses))]
    public void Update_MisplacedEntry_NamesTheAddressAndWritesNothing(string bus) => On(bus, AssertEntriesAreRefused);

    [Fact]
    public void SpanBusUpdate_MisplacedEntry_NamesTheAddressAndWritesNothing()
    {
        byte[] memory = new byte[64];

        Assert.Throws<ArgumentException>("address", () => new SpanBus(memory).UpdateEntry64(4, 0, ulong.MaxValue));
        Assert.Throws<ArgumentException>("address", () => new SpanBus(memory).UpdateEntry32(2, 0, uint.MaxValue));

        Assert.Equal(new byte[64], memory);
    }

    [Theory]
    [InlineData(0xE_0FFDul)]
    [InlineData(0xE_1FFFul)]
    public void Load_AcrossTheEndOfAPageOfRom_NamesTheAddress(ulong address)
    {
        var bus = new SystemBus(new PhysicalMap(_memory).AddRam().AddRom(0xE_0000, new byte[0x2000]));

        Assert.Throws<ArgumentException>(nameof(address), () => bus.Load<uint>(address));
    }

    private void On(string bus, Action<IBus> assert)
    {
        assert(bus == nameof(RamBus) ? new RamBus(_memory) : new SystemBus(new PhysicalMap(_memory).AddRam()));
        Assert.Equal(0, _memory.ResidentPages);
    }

    private static void AssertStoresAreRefused(IBus bus)
    {
        Assert.Throws<ArgumentException>("address", () => bus.Store(0x0FFF, (ushort)0xFFFF));
        Assert.Throws<ArgumentException>("address", () => bus.Store(0x1FF9, ulong.MaxValue));
        Assert.Throws<ArgumentException>("address", () => bus.Store(0xFFFF, uint.MaxValue));
    }

    private static void AssertSpansAreRefused(IBus bus)
    {
        Assert.Throws<ArgumentException>("destination", () => bus.Read(0x0FFF, new byte[2]));
        Assert.Throws<ArgumentException>("destination", () => bus.Read(0xF000, new byte[4097]));
        Assert.Throws<ArgumentException>("source", () => bus.Write(0x0FFF, new byte[2]));
        Assert.Throws<ArgumentException>("source", () => bus.Write(0xF000, new byte[4097]));
    }

    private static void AssertEntriesAreRefused(IBus bus)
    {
        Assert.Throws<ArgumentException>("address", () => bus.UpdateEntry64(0x0FFC, 0, ulong.MaxValue));
        Assert.Throws<ArgumentException>("address", () => bus.UpdateEntry32(0x0FFE, 0, uint.MaxValue));
    }
}
