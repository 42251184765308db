using System.Buffers.Binary;
using X86Pae.Memory;

namespace X86Pae.Tests.Memory;

public sealed class SystemBusTests
{
    private const ulong RomStart = 0xE_0000;
    private const ulong HoleStart = 0x18_0000;

    private readonly GuestMemory _memory = new(2 << 20);
    private readonly SystemBus _bus;

    public SystemBusTests()
    {
        byte[] rom = new byte[0x2000];
        new Random(1).NextBytes(rom);
        BinaryPrimitives.WriteUInt64LittleEndian(rom, 0x1122_3344_5566_7788);
        _bus = new SystemBus(new PhysicalMap(_memory).AddRam(0, HoleStart).AddRom(RomStart, rom));
    }

    [Fact]
    public void Rom_StoresOfEverySort_AreIgnored()
    {
        byte[] before = ReadPage(_bus, RomStart);

        _bus.Store<byte>(RomStart, 1);
        _bus.Store<uint>(RomStart + 3, uint.MaxValue);
        _bus.Store<UInt128>(RomStart + 8, UInt128.MaxValue);
        _bus.Write(RomStart, new byte[4096]);

        Assert.Equal(before, ReadPage(_bus, RomStart));
    }

    [Fact]
    public void Rom_OverRam_HidesItAndLeavesItAlone()
    {
        var behind = new RamBus(_memory);
        behind.Store(RomStart, 0xAAAA_AAAA_AAAA_AAAA);

        _bus.Store(RomStart, 0UL);
        _bus.UpdateEntry64(RomStart, 0x1122_3344_5566_7788, 0);

        Assert.Equal(0x1122_3344_5566_7788UL, _bus.Load<ulong>(RomStart));
        Assert.Equal(0xAAAA_AAAA_AAAA_AAAAUL, behind.Load<ulong>(RomStart));
    }

    [Fact]
    public void Rom_LastByteAndFirstRamBehind_AreNeighbours()
    {
        _bus.Store<byte>(RomStart + 0x1FFF, 0xFF);
        _bus.Store<byte>(RomStart + 0x2000, 0x77);
        _bus.Store<byte>(RomStart - 1, 0x66);

        Assert.NotEqual(0xFF, _bus.Load<byte>(RomStart + 0x1FFF));
        Assert.Equal((0x77, 0x66), (_bus.Load<byte>(RomStart + 0x2000), _bus.Load<byte>(RomStart - 1)));
    }

    [Fact]
    public void Update_EntryAsExpectedInRom_IsIgnored()
    {
        Assert.Equal(EntryUpdate.Ignored, _bus.UpdateEntry64(RomStart, 0x1122_3344_5566_7788, 1));
        Assert.Equal(EntryUpdate.Ignored, _bus.UpdateEntry32(RomStart, 0x5566_7788, 1));
    }

    [Fact]
    public void Update_EntryNotAsExpectedInRomOrHole_HasChanged()
    {
        Assert.Equal(EntryUpdate.Changed, _bus.UpdateEntry64(RomStart, 0, 1));
        Assert.Equal(EntryUpdate.Changed, _bus.UpdateEntry32(RomStart, 0, 1));
        Assert.Equal(EntryUpdate.Changed, _bus.UpdateEntry64(HoleStart, 0, 1));
        Assert.Equal(EntryUpdate.Ignored, _bus.UpdateEntry32(HoleStart, uint.MaxValue, 1));
    }

    [Theory]
    [InlineData(0xFF)]
    [InlineData(0x00)]
    [InlineData(0xA5)]
    public void Hole_Reads_GiveTheOpenBusByte(byte openBus)
    {
        var bus = new SystemBus(new PhysicalMap(new GuestMemory(0x1000, openBus)));
        ulong all = openBus * 0x0101_0101_0101_0101UL;

        foreach (ulong address in (ulong[])[0, 0x8000_0000, 0xF_FFFF_FFF8, PhysicalMap.AddressLimit - 8])
        {
            bus.Store(address, 0x0123_4567_89AB_CDEFUL);

            Assert.Equal((all, all, (uint)all), (bus.Load<ulong>(address), bus.LoadEntry64(address), bus.LoadEntry32(address)));
            Assert.All(ReadPage(bus, address & ~0xFFFUL), read => Assert.Equal(openBus, read));
        }
    }

    [Fact]
    public void Write_OutsideRam_TouchesNoPageOfTheMemory()
    {
        ulong[] pages = [RomStart, HoleStart, HoleStart + 0x1000, 2 << 20, 1UL << 40, PhysicalMap.AddressLimit - 0x1000];
        foreach (ulong page in pages)
        {
            _bus.Write(page, new byte[4096]);
            _bus.Store<uint>(page, 1);
            _bus.Store<uint>(page + 0xFFC, 1);
            _bus.UpdateEntry64(page, _bus.LoadEntry64(page), 0);
            _bus.UpdateEntry32(page, _bus.LoadEntry32(page), 0);
        }

        Assert.Equal(0, _memory.ResidentPages);
    }

    [Theory]
    [InlineData(0x0FFFUL, 2)]
    [InlineData(0x0000UL, 4097)]
    [InlineData(RomStart + 0x1FFF, 2)]
    [InlineData(HoleStart + 0xFF0, 17)]
    public void Span_ReachingIntoTheNextPage_NamesTheParameterAndWritesNothing(ulong address, int length)
    {
        Assert.Throws<ArgumentException>("destination", () => _bus.Read(address, new byte[length]));
        Assert.Throws<ArgumentException>("source", () => _bus.Write(address, new byte[length]));

        Assert.Equal(0, _memory.ResidentPages);
    }

    [Theory]
    [InlineData(0x1000UL)]
    [InlineData(RomStart)]
    [InlineData(HoleStart)]
    public void Span_Empty_DoesNothing(ulong address)
    {
        _bus.Read(address, []);
        _bus.Write(address, []);

        Assert.Equal(0, _memory.ResidentPages);
    }

    [Fact]
    public void Accesses_ToRamRomAndHoles_AllocateNothing()
    {
        long allocated = Allocation.Of(100_000, i =>
        {
            Span<byte> buffer = stackalloc byte[64];
            ulong address = (i % 3) switch { 0 => 0x1000UL, 1 => RomStart, _ => HoleStart };
            ulong entry = _bus.LoadEntry64(address);
            _bus.UpdateEntry64(address, entry, entry | 0x20);
            _bus.UpdateEntry32(address, _bus.LoadEntry32(address), 0);
            _bus.Store(address + 5, _bus.Load<uint>(address + 3));
            _bus.Read(address, buffer);
            _bus.Write(address, buffer);
        });

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void RandomProgram_WithoutRegions_EqualsRamBus()
    {
        const ulong Size = 3 << 20; // no whole number of the 256 KiB that share a word of the classification, nor of chunks
        var random = new Random(20260417);
        var plain = new RamBus(new GuestMemory(Size, openBus: 0xC3));
        var system = new SystemBus(new PhysicalMap(new GuestMemory(Size, openBus: 0xC3)).AddRam());
        byte[] one = new byte[4096];
        byte[] other = new byte[4096];

        for (int i = 0; i < 200_000; i++)
        {
            ulong page = (ulong)random.NextInt64((long)(Size / 4096) + 8) * 4096;
            ulong value = (ulong)random.NextInt64();
            ulong unaligned = page + (ulong)random.Next(4096 - 7);
            ulong aligned = page + ((ulong)random.Next(512) * 8);
            switch (random.Next(6))
            {
                case 0:
                    plain.Store(unaligned, value);
                    system.Store(unaligned, value);
                    break;
                case 1:
                    Assert.Equal(plain.Load<ulong>(unaligned), system.Load<ulong>(unaligned));
                    break;
                case 2:
                    ulong entry = plain.LoadEntry64(aligned);
                    Assert.Equal(entry, system.LoadEntry64(aligned));
                    entry ^= (ulong)random.Next(2); // half of them expect something else
                    Assert.Equal(plain.UpdateEntry64(aligned, entry, value), system.UpdateEntry64(aligned, entry, value));
                    break;
                case 3:
                    uint half = plain.LoadEntry32(aligned + 4);
                    Assert.Equal(half, system.LoadEntry32(aligned + 4));
                    half ^= (uint)random.Next(2);
                    EntryUpdate update = plain.UpdateEntry32(aligned + 4, half, (uint)value);
                    Assert.Equal(update, system.UpdateEntry32(aligned + 4, half, (uint)value));
                    break;
                case 4:
                    int length = random.Next(4097 - (int)(unaligned % 4096));
                    random.NextBytes(one.AsSpan(0, length));
                    plain.Write(unaligned, one.AsSpan(0, length));
                    system.Write(unaligned, one.AsSpan(0, length));
                    break;
                default:
                    plain.Read(page, one);
                    system.Read(page, other);
                    Assert.Equal(one, other);
                    break;
            }
        }

        Assert.Equal(plain.Memory.ResidentPages, system.Memory.ResidentPages);
    }

    [Fact]
    public void RandomProgram_OverRandomRegions_EqualsAnArrayOfBytes()
    {
        const int Pages = 160; // crosses the 64 pages of a word twice
        for (int seed = 1; seed <= 20; seed++)
        {
            var random = new Random(seed);
            byte[] model = new byte[Pages * 4096];
            bool[] writable = new bool[Pages];
            Array.Fill(model, (byte)0xFF);
            PhysicalMap map = RandomMap(random, model, writable);
            var bus = new SystemBus(map);

            for (int i = 0; i < 5_000; i++)
            {
                int page = random.Next(Pages);
                int offset = random.Next(4096);
                int length = random.Next(Math.Min(40, 4096 - offset) + 1);
                byte[] bytes = new byte[length];
                int at = (page * 4096) + offset;
                if (random.Next(2) == 0)
                {
                    bus.Read((ulong)at, bytes);
                    Assert.Equal(model[at..(at + length)], bytes);
                    continue;
                }

                random.NextBytes(bytes);
                bus.Write((ulong)at, bytes);
                if (writable[page])
                {
                    bytes.CopyTo(model, at);
                }
            }
        }
    }

    /// <summary>RAM with gaps, with ROM and MMIO scattered over both; fills in what the model must know.</summary>
    private static PhysicalMap RandomMap(Random random, byte[] model, bool[] writable)
    {
        int pages = writable.Length;
        var map = new PhysicalMap(new GuestMemory((ulong)pages * 4096));
        for (int page = random.Next(4); page < pages;)
        {
            int count = Math.Min(1 + random.Next(70), pages - page);
            map.AddRam((ulong)page * 4096, (ulong)count * 4096);
            model.AsSpan(page * 4096, count * 4096).Clear();
            writable.AsSpan(page, count).Fill(true);
            page += count + random.Next(10);
        }

        for (int page = random.Next(20); page < pages;)
        {
            int count = Math.Min(1 + random.Next(9), pages - page);
            Span<byte> bytes = model.AsSpan(page * 4096, count * 4096);
            bool isRom = random.Next(2) == 0;
            if (isRom)
            {
                random.NextBytes(bytes);
                map.AddRom((ulong)page * 4096, bytes);
            }
            else
            {
                bytes.Clear();
                map.AddMmio((ulong)page * 4096, (ulong)count * 4096, new RecordingDevice(count * 4096));
            }

            writable.AsSpan(page, count).Fill(!isRom);
            page += count + random.Next(20);
        }

        return map;
    }

    private static byte[] ReadPage(SystemBus bus, ulong page)
    {
        byte[] bytes = new byte[4096];
        bus.Read(page, bytes);
        return bytes;
    }
}
