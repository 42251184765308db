using X86Pae.Memory;

namespace X86Pae.Tests.Memory;

/// <summary>Sparse guest RAM and the bus over it.</summary>
public sealed class GuestMemoryTests
{
    [Theory]
    [InlineData(0ul)]
    [InlineData(1ul)]
    [InlineData(4095ul)]
    [InlineData(4097ul)]
    [InlineData((1ul << 40) + 4096)]
    [InlineData(ulong.MaxValue)]
    public void Constructor_SizeOutOfRange_ThrowsForSizeInBytes(ulong sizeInBytes) =>
        Assert.Equal(
            "sizeInBytes",
            Assert.Throws<ArgumentOutOfRangeException>(() => new GuestMemory(sizeInBytes)).ParamName);

    [Theory]
    [InlineData(4096ul)]
    [InlineData(0x20_0000ul)]
    [InlineData(0x20_1000ul)]
    [InlineData(GuestMemory.MaxSizeInBytes)]
    public void Constructor_SizeInRange_GivesMemoryUpToItsLastByte(ulong sizeInBytes)
    {
        var memory = new GuestMemory(sizeInBytes);
        var bus = new RamBus(memory);

        bus.Store<byte>(sizeInBytes - 1, 0xA5);

        Assert.Equal(sizeInBytes, memory.SizeInBytes);
        Assert.Equal(0xA5, bus.Load<byte>(sizeInBytes - 1));
        Assert.Equal(0xFF, bus.Load<byte>(sizeInBytes));
        Assert.Equal(1, memory.ResidentPages);
        Assert.Same(memory, bus.Memory);
    }

    // C63. Beyond the end every access gives the open-bus value, and every write is dropped.
    [Theory]
    [InlineData(0xFF)]
    [InlineData(0x00)]
    [InlineData(0x5A)]
    public void RamBus_BeyondTheEnd_ReadsOpenBusAndDropsWrites(byte openBus)
    {
        var memory = new GuestMemory(0x2000, openBus);
        var bus = new RamBus(memory);
        ulong word = openBus * 0x0101_0101_0101_0101UL;
        Assert.Equal(word, memory.OpenBus);

        foreach (ulong address in new ulong[] { 0x2000, 0x2008, 0x20_0000, 1UL << 40, (1UL << 52) - 8 })
        {
            bus.Store(address, 0x1122_3344_5566_7788);
            bus.Write(address, [1, 2, 3, 4]);
            var read = new byte[5];
            bus.Read(address, read);

            Assert.Equal(word, bus.LoadEntry64(address));
            Assert.Equal((uint)word, bus.LoadEntry32(address));
            Assert.Equal(word, bus.Load<ulong>(address));
            Assert.Equal((ushort)word, bus.Load<ushort>(address));
            Assert.Equal(openBus, bus.Load<byte>(address));
            Assert.All(read, value => Assert.Equal(openBus, value));
            Assert.Equal(EntryUpdate.Ignored, bus.UpdateEntry64(address, word, 0));
            Assert.Equal(EntryUpdate.Ignored, bus.UpdateEntry32(address, (uint)word, 0));
        }

        Assert.Equal(0, memory.ResidentPages);
    }

    [Fact]
    public void RamBus_UnwrittenPages_ReadAsZeroWithoutBecomingResident()
    {
        var memory = new GuestMemory(1UL << 32);
        var bus = new RamBus(memory);
        var page = new byte[4096];

        for (ulong address = 0; address < 1UL << 32; address += 0x0FF_F000)
        {
            Array.Fill(page, (byte)1);
            bus.Read(address, page);
            Assert.True(page.AsSpan().IndexOfAnyExcept((byte)0) < 0);
            Assert.Equal(0u, bus.LoadEntry64(address));
            Assert.Equal(0u, bus.LoadEntry32(address + 4));
            Assert.Equal(0u, bus.Load<ulong>(address + 0xFF8));
        }

        bus.Write(0x5000, []);
        Assert.Equal(0, memory.ResidentPages);
    }

    [Fact]
    public void RamBus_WrittenPage_LeavesItsNeighboursZero()
    {
        var memory = new GuestMemory(0x40_0000);
        var bus = new RamBus(memory);

        bus.Store(0x1F_FFF8, ulong.MaxValue);

        Assert.Equal(1, memory.ResidentPages);
        Assert.Equal(0u, bus.Load<ulong>(0x20_0000));
        Assert.Equal(0u, bus.Load<ulong>(0x1F_EFF8));
        Assert.Equal(0u, bus.Load<ulong>(0x1F_FFF0));
        Assert.Equal(ulong.MaxValue, bus.Load<ulong>(0x1F_FFF8));
    }

    [Fact]
    public void RamBus_ThousandPagesScatteredOver64GiB_CostLessThan16MiB()
    {
        const ulong Size = 64UL << 30;
        const ulong Stride = Size / 1000 / 4096 * 4096;
        long before = GC.GetAllocatedBytesForCurrentThread();
        var memory = new GuestMemory(Size);
        var bus = new RamBus(memory);
        for (ulong i = 0; i < 999; i++)
        {
            bus.Store(i * Stride, i + 1);
        }

        bus.Store<byte>(Size - 1, 0xEE);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(1000, memory.ResidentPages);
        Assert.InRange(allocated, 1000 * 4096, 16 << 20);
        Assert.Equal(0xEE, bus.Load<byte>(Size - 1));
        for (ulong i = 0; i < 999; i++)
        {
            Assert.Equal(i + 1, bus.LoadEntry64(i * Stride));
        }
    }

    [Fact]
    public void RamBus_UnalignedValuesWithinAPage_AreLittleEndian()
    {
        var bus = new RamBus(new GuestMemory(0x3000));
        for (ulong address = 0x1000; address <= 0x1FF8; address += 61)
        {
            bus.Store(address, 0x8877_6655_4433_2211);

            Assert.Equal(0x8877_6655_4433_2211, bus.Load<ulong>(address));
            Assert.Equal(0x5544_3322u, bus.Load<uint>(address + 1));
            Assert.Equal(0x4433, bus.Load<ushort>(address + 2));
            Assert.Equal(0x88, bus.Load<byte>(address + 7));
        }

        var block = new byte[100];
        new Random(1).NextBytes(block);
        bus.Write(0x1F9C, block);
        var read = new byte[100];
        bus.Read(0x1F9C, read);
        Assert.Equal(block, read);
        Assert.Equal(0, bus.Load<byte>(0x2000));
    }

    // C43. The update of an entry is a compare-exchange of its own width.
    [Fact]
    public void RamBus_UpdateEntry_ReplacesOnlyTheExpectedValue()
    {
        var bus = new RamBus(new GuestMemory(0x1000));
        bus.Store(0x10, 0x1111_1111_2222_2222);

        Assert.Equal(EntryUpdate.Changed, bus.UpdateEntry64(0x10, 1, 2));
        Assert.Equal(EntryUpdate.Changed, bus.UpdateEntry32(0x10, 1, 2));
        Assert.Equal(0x1111_1111_2222_2222u, bus.LoadEntry64(0x10));
        Assert.Equal(EntryUpdate.Done, bus.UpdateEntry32(0x10, 0x2222_2222, 3));
        Assert.Equal(0x1111_1111_0000_0003u, bus.LoadEntry64(0x10));
        Assert.Equal(EntryUpdate.Done, bus.UpdateEntry64(0x10, 0x1111_1111_0000_0003, 4));
        Assert.Equal(4u, bus.LoadEntry64(0x10));
    }

    // C64. Two CPUs on two buses over one memory.
    [Fact]
    public async Task RamBus_TwoThreadsMaterialiseTheSamePages_LoseNoWrite()
    {
        const int Pages = 4096;
        var memory = new GuestMemory(Pages * 4096UL);
        using var start = new Barrier(2);
        Task[] writers = [.. Enumerable.Range(0, 2).Select(writer => Task.Run(() =>
        {
            var bus = new RamBus(memory);
            start.SignalAndWait();
            for (ulong page = 0; page < Pages; page++)
            {
                bus.Store((page * 4096) + (8 * (ulong)writer), page + 1);
            }
        }))];
        await Task.WhenAll(writers);

        var check = new RamBus(memory);
        Assert.Equal(Pages, memory.ResidentPages);
        for (ulong page = 0; page < Pages; page++)
        {
            Assert.Equal(page + 1, check.Load<ulong>(page * 4096));
            Assert.Equal(page + 1, check.Load<ulong>((page * 4096) + 8));
        }
    }

    // C43. Flags set by several CPUs in one entry all arrive.
    [Fact]
    public async Task RamBus_TwoThreadsUpdateOneEntry_LoseNoFlag()
    {
        const int Rounds = 20_000;
        var memory = new GuestMemory(0x1000);
        Task[] writers = [.. Enumerable.Range(0, 2).Select(writer => Task.Run(() =>
        {
            var bus = new RamBus(memory);
            for (int i = 0; i < Rounds; i++)
            {
                ulong seen;
                do
                {
                    seen = bus.LoadEntry64(0x10);
                }
                while (bus.UpdateEntry64(0x10, seen, seen + (1UL << (32 * writer))) != EntryUpdate.Done);
            }
        }))];
        await Task.WhenAll(writers);

        Assert.Equal(Rounds * 0x1_0000_0001UL, new RamBus(memory).LoadEntry64(0x10));
    }
}
