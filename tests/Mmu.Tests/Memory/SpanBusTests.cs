using X86Pae.Memory;

namespace X86Pae.Tests.Memory;

/// <summary>The bus over a bare span, above all at its end.</summary>
public sealed class SpanBusTests
{
    [Fact]
    public void Constructor_EmptySpan_ThrowsForMemory() =>
        Assert.Equal("memory", Assert.Throws<ArgumentException>(() => new SpanBus([])).ParamName);

    [Fact]
    public void Load_WithinTheSpan_IsLittleEndianAtAnyAlignment()
    {
        var bus = new SpanBus([0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99]);

        Assert.Equal(0x8877_6655_4433_2211, bus.LoadEntry64(0));
        Assert.Equal(0x4433_2211u, bus.LoadEntry32(0));
        Assert.Equal(0x9988_7766_5544_3322, bus.Load<ulong>(1));
        Assert.Equal(0x99, bus.Load<byte>(8));
    }

    // C63. A value that only begins within the span has its bytes from there and the rest from the open bus.
    [Theory]
    [InlineData(0xFF, 0xFFFF_FFFF_FF44_3322ul)]
    [InlineData(0x00, 0x0000_0000_0044_3322ul)]
    public void Load_PartlyBeyondTheEnd_FillsWithOpenBus(byte openBus, ulong expected)
    {
        var bus = new SpanBus([0x11, 0x22, 0x33, 0x44], openBus);

        Assert.Equal(expected, bus.Load<ulong>(1));
        Assert.Equal((uint)expected, bus.Load<uint>(1));
        Assert.Equal((openBus * 0x0101_0101_0000_0000UL) | 0x4433_2211, bus.LoadEntry64(0));
        Assert.Equal(0x4433_2211u, bus.LoadEntry32(0));
        var read = new byte[4];
        bus.Read(2, read);
        Assert.Equal([0x33, 0x44, openBus, openBus], read);
    }

    [Theory]
    [InlineData(8ul)]
    [InlineData(0x8000_0000ul)]
    [InlineData(0x1_0000_0000ul)]
    [InlineData((1ul << 52) - 8)]
    [InlineData(ulong.MaxValue - 7)]
    public void Access_BeyondTheEnd_ReadsOpenBusAndDropsWrites(ulong address)
    {
        byte[] memory = [1, 2, 3, 4];
        var bus = new SpanBus(memory, openBus: 0x5A);

        bus.Store(address, ulong.MaxValue);
        bus.Write(address, [9, 9]);
        var read = new byte[2];
        bus.Read(address, read);

        Assert.Equal(0x5A5A_5A5A_5A5A_5A5Au, bus.LoadEntry64(address));
        Assert.Equal(0x5A5A_5A5Au, bus.LoadEntry32(address));
        Assert.Equal([0x5A, 0x5A], read);
        Assert.Equal(EntryUpdate.Ignored, bus.UpdateEntry64(address, 0x5A5A_5A5A_5A5A_5A5A, 0));
        Assert.Equal(EntryUpdate.Ignored, bus.UpdateEntry32(address, 0x5A5A_5A5A, 0));
        Assert.Equal([1, 2, 3, 4], memory);
    }

    // C63. A write that only begins within the span stops at its end; an entry there is not updated at all.
    [Fact]
    public void Store_PartlyBeyondTheEnd_WritesNothingOutside()
    {
        var memory = new byte[24];
        for (int start = 0; start < 8; start++)
        {
            Array.Clear(memory);
            var bus = new SpanBus(memory.AsSpan(8, 8));
            bus.Store((ulong)start, ulong.MaxValue);
            bus.Write((ulong)start + 1, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);

            for (int i = 0; i < memory.Length; i++)
            {
                Assert.Equal(i >= 8 + start && i < 16 ? 0xFF : 0, memory[i]);
            }
        }

        Array.Clear(memory);
        var shortBus = new SpanBus(memory.AsSpan(8, 6));
        Assert.Equal(EntryUpdate.Ignored, shortBus.UpdateEntry64(0, 0xFFFF_0000_0000_0000, ulong.MaxValue));
        Assert.Equal(EntryUpdate.Ignored, shortBus.UpdateEntry32(4, 0xFFFF_0000, uint.MaxValue));
        Assert.All(memory, value => Assert.Equal(0, value));
    }

    // C43.
    [Fact]
    public void UpdateEntry_AnyValue_ReplacesOnlyTheExpectedOne()
    {
        var bus = new SpanBus(new byte[16]);
        bus.Store(8, 0x1111_1111_2222_2222);

        Assert.Equal(EntryUpdate.Changed, bus.UpdateEntry64(8, 1, 2));
        Assert.Equal(EntryUpdate.Changed, bus.UpdateEntry32(8, 1, 2));
        Assert.Equal(EntryUpdate.Done, bus.UpdateEntry32(12, 0x1111_1111, 3));
        Assert.Equal(EntryUpdate.Done, bus.UpdateEntry64(8, 0x0000_0003_2222_2222, 4));
        Assert.Equal(4u, bus.LoadEntry64(8));
    }
}
