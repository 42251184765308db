using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

public sealed class MtrrsTests
{
    private const uint Capabilities = 0xFE;
    private const uint DefType = 0x2FF;
    private const ulong E = 1 << 11;
    private const ulong FE = 1 << 10;
    private const ulong V = 1 << 11;
    private const ulong UC = 0;
    private const ulong WC = 1;
    private const ulong WT = 4;
    private const ulong WP = 5;
    private const ulong WB = 6;

    private static readonly uint[] FixedNumbers =
        [0x250, 0x258, 0x259, 0x268, 0x269, 0x26A, 0x26B, 0x26C, 0x26D, 0x26E, 0x26F];

    private readonly Mtrrs _mtrrs = new(maxPhyAddr: 36);

    public static TheoryData<uint> FixedRegisters => new(FixedNumbers);

    [Theory]
    [InlineData(31, 8, "maxPhyAddr")]
    [InlineData(53, 8, "maxPhyAddr")]
    [InlineData(36, -1, "variableRanges")]
    [InlineData(36, 41, "variableRanges")]
    public void New_OutOfRange_NamesTheParameter(int maxPhyAddr, int variableRanges, string parameter) =>
        Assert.Throws<ArgumentOutOfRangeException>(parameter, () => new Mtrrs(maxPhyAddr, variableRanges));

    [Fact]
    public void New_All_AreZeroAndEverythingIsUncacheable()
    {
        Assert.All(Registers(), msr => Assert.Equal(0UL, Read(msr)));
        Assert.All((ulong[])[0, 0xF_FFFF, 0x10_0000, 0xF_FFFF_FFFF], address => Assert.Equal(UC, TypeOf(address)));
    }

    [Theory]
    [InlineData(0, 0x500UL)]
    [InlineData(8, 0x508UL)]
    [InlineData(40, 0x528UL)]
    public void Capabilities_OfEveryProcessor_CountTheRangesAndCannotBeWritten(int variableRanges, ulong expected)
    {
        var mtrrs = new Mtrrs(36, variableRanges);

        Assert.True(mtrrs.TryRead(Capabilities, out ulong value));
        Assert.Equal((expected, expected), (value, mtrrs.Capabilities));
        Assert.False(mtrrs.TryWrite(Capabilities, expected));
    }

    [Fact]
    public void Access_EveryOtherNumber_IsRefused()
    {
        HashSet<uint> known = [Capabilities, .. Registers()];
        for (uint msr = 0; msr < 0x400; msr++)
        {
            Assert.Equal(known.Contains(msr), _mtrrs.TryRead(msr, out _));
            Assert.Equal(known.Contains(msr) && msr != Capabilities, _mtrrs.TryWrite(msr, 0));
        }

        Assert.False(_mtrrs.TryRead(uint.MaxValue, out ulong value));
        Assert.Equal(0UL, value);
        Assert.False(_mtrrs.TryWrite(0x277, ControlRegisters.PatAtReset)); // IA32_PAT lies between them
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(40)]
    public void Access_VariableRanges_ExistUpToTheirNumber(int count)
    {
        var mtrrs = new Mtrrs(36, count);
        for (uint msr = 0x200; msr < 0x250; msr++)
        {
            Assert.Equal(msr < 0x200 + (2 * count), mtrrs.TryWrite(msr, 0));
        }
    }

    [Fact]
    public void TryWrite_EachTypeEncoding_IsLegalIfAnMtrrCanHoldIt()
    {
        for (ulong type = 0; type < 256; type++)
        {
            bool legal = type is UC or WC or WT or WP or WB;

            Assert.Equal(legal, _mtrrs.TryWrite(0x200, type));
            Assert.Equal(legal, _mtrrs.TryWrite(DefType, type));
            for (int field = 0; field < 64; field += 8)
            {
                Assert.Equal(legal, _mtrrs.TryWrite(0x26B, type << field));
            }
        }
    }

    [Theory]
    [InlineData(32)]
    [InlineData(36)]
    [InlineData(40)]
    [InlineData(52)]
    public void TryWrite_EachBit_IsLegalUnlessReserved(int maxPhyAddr)
    {
        var mtrrs = new Mtrrs(maxPhyAddr);
        for (int bit = 0; bit < 64; bit++)
        {
            bool address = bit >= 12 && bit < maxPhyAddr;
            bool type = bit is 0 or 2; // WC and WT; all other single bits are no type

            Assert.Equal(type || address, mtrrs.TryWrite(0x20E, 1UL << bit));
            Assert.Equal(address || bit == 11, mtrrs.TryWrite(0x20F, 1UL << bit));
            Assert.Equal(type || bit is 10 or 11, mtrrs.TryWrite(DefType, 1UL << bit));
        }
    }

    [Fact]
    public void TryWrite_Refused_ChangesNothing()
    {
        Write(0x200, 0x8000_0000 | WC);
        Write(0x201, 0xF_8000_0000 | V);
        Write(0x250, 0x0606_0606_0606_0606);
        Write(DefType, E | FE | WB);

        Assert.False(_mtrrs.TryWrite(0x200, 0x8000_0000 | 2));
        Assert.False(_mtrrs.TryWrite(0x201, 0xF_8000_0000 | V | 1));
        Assert.False(_mtrrs.TryWrite(0x250, 0x0706_0606_0606_0606));
        Assert.False(_mtrrs.TryWrite(DefType, E | (1 << 9)));

        Assert.Equal(0x8000_0000 | WC, Read(0x200));
        Assert.Equal(0xF_8000_0000 | V, Read(0x201));
        Assert.Equal(0x0606_0606_0606_0606UL, Read(0x250));
        Assert.Equal(E | FE | WB, Read(DefType));
    }

    [Fact]
    public void Registers_Written_ReadBackEachForItself()
    {
        ulong next = 0;
        Dictionary<uint, ulong> written = Registers().ToDictionary(msr => msr, msr => msr switch
        {
            DefType => E | WT,
            >= 0x250 => 0x0506_0401_0006_0504 ^ ((next++ & 1) << 40), // 4 or 5 in the sixth field
            _ => (++next << 12) | ((msr & 1) != 0 ? V : WP),
        });
        foreach ((uint msr, ulong value) in written)
        {
            Write(msr, value);
        }

        Assert.All(written, pair => Assert.Equal(pair.Value, Read(pair.Key)));
        _mtrrs.Reset();
        Assert.All(written, pair => Assert.Equal(0UL, Read(pair.Key)));
    }

    [Theory]
    [MemberData(nameof(FixedRegisters))]
    public void TypeOf_EachFieldOfAFixedRegister_CoversItsRangeToTheByte(uint msr)
    {
        (ulong start, ulong size) = msr switch
        {
            0x250 => (0UL, 0x1_0000UL),
            0x258 => (0x8_0000UL, 0x4000UL),
            0x259 => (0xA_0000UL, 0x4000UL),
            _ => (0xC_0000UL + ((msr - 0x268UL) * 0x8000), 0x1000UL),
        };
        Write(DefType, E | FE | UC);
        for (int field = 0; field < 8; field++)
        {
            Write(msr, WP << (8 * field));
            ulong first = start + (size * (ulong)field);

            Assert.Equal((WP, WP), (TypeOf(first), TypeOf(first + size - 1)));
            Assert.Equal((UC, UC), (TypeOf(first - 1), TypeOf(first + size)));
        }
    }

    [Fact]
    public void TypeOf_FixedAndVariableRange_FixedWinsWhileEnabled()
    {
        Write(0x250, 0x0404_0404_0404_0404);
        Range(0, 0, 1 << 20, UC);
        Write(DefType, E | FE | WB);
        Assert.Equal(WT, TypeOf(0x7_FFFF));

        Write(DefType, E | WB);
        Assert.Equal(UC, TypeOf(0x7_FFFF));

        Write(DefType, FE | WB);
        Assert.Equal(UC, TypeOf(0x20_0000)); // E = 0: FE and the default type have no effect
    }

    [Fact]
    public void TypeOf_FixedRanges_EndAtOneMebibyte()
    {
        Write(0x26F, 0x0505_0505_0505_0505);
        Write(DefType, E | FE | WB);

        Assert.Equal((WP, WB), (TypeOf(0xF_FFFF), TypeOf(0x10_0000)));
    }

    [Fact]
    public void TypeOf_VariableRange_ReachesToTheByteAndOnlyWhileValid()
    {
        Write(DefType, E | WB);
        Range(3, 0x8_C000_0000, 0x4000_0000, WC);
        Assert.Equal((WB, WC), (TypeOf(0x8_BFFF_FFFF), TypeOf(0x8_C000_0000)));
        Assert.Equal((WC, WB), (TypeOf(0x8_FFFF_FFFF), TypeOf(0x9_0000_0000)));
        Assert.Equal(WB, TypeOf(0xC000_0000)); // the base's bits above 4 GiB count

        Write(0x207, Read(0x207) & ~V);
        Assert.Equal(WB, TypeOf(0x8_C000_0000));
    }

    [Fact]
    public void TypeOf_BaseBitsOutsideTheMask_DoNotCount()
    {
        Write(DefType, E | WB);
        Write(0x200, 0x4000_3000 | UC);
        Write(0x201, 0xF_FFF0_0000 | V);

        Assert.Equal((UC, UC, WB), (TypeOf(0x4000_0000), TypeOf(0x400F_FFFF), TypeOf(0x4010_0000)));
    }

    [Fact]
    public void TypeOf_MaskWithGap_CoversEveryMatchingBlock()
    {
        Write(DefType, E | WB);
        Write(0x200, 0x1_0000_0000 | WT);
        Write(0x201, (0xF_FFFF_F000 & ~0x2_0000_0000UL) | V); // bit 33 is not compared

        Assert.Equal((WT, WT, WB), (TypeOf(0x1_0000_0000), TypeOf(0x3_0000_0000), TypeOf(0x2_0000_0000)));
    }

    [Fact]
    public void TypeOf_TwoRangesOverlapping_FollowTheRulesInBothOrders()
    {
        Write(DefType, E | WP);
        ulong[] types = [UC, WC, WT, WP, WB];
        foreach (ulong one in types)
        {
            foreach (ulong other in types)
            {
                Range(0, 0x4000_0000, 0x2000_0000, one);
                Range(7, 0x4000_0000, 0x1000_0000, other);

                ulong expected = one == other ? one : (one == WT && other == WB) || (one == WB && other == WT) ? WT : UC;
                Assert.Equal((expected, one), (TypeOf(0x4000_0000), TypeOf(0x5000_0000)));
            }
        }
    }

    [Fact]
    public void TypeOf_ThreeRangesOverlapping_UncacheableWins()
    {
        Write(DefType, E | WB);
        Range(0, 0, 1UL << 32, WB);
        Range(1, 0, 1UL << 31, WT);
        Range(2, 0x1000_0000, 1 << 20, UC);

        Assert.Equal((UC, WT, WB), (TypeOf(0x1000_0000), TypeOf(0x2000_0000), TypeOf(0x8000_0000)));
    }

    [Fact]
    public void TypeOf_RandomRegisters_EqualsTheRulesOfTheManual()
    {
        ulong[] types = [UC, WC, WT, WP, WB];
        var random = new Random(11_11_4);
        for (int round = 0; round < 200; round++)
        {
            var ranges = new List<(ulong Start, ulong End, ulong Type)>();
            _mtrrs.Reset();
            ulong defaultType = types[random.Next(5)];
            Write(DefType, E | defaultType);
            for (uint i = 0; i < 8; i++)
            {
                ulong size = 0x1000UL << random.Next(6);
                ulong start = (ulong)random.Next(64) * 0x1000 / size * size;
                ulong type = types[random.Next(5)];
                ranges.Add((start, start + size, type));
                Range(i, start, size, type);
            }

            for (int page = 0; page < 80; page++)
            {
                ulong address = (ulong)page * 0x1000;
                ulong[] matching =
                    [.. ranges.Where(r => address >= r.Start && address < r.End).Select(r => r.Type).Distinct().Order()];
                ulong expected = matching switch
                {
                    [] => defaultType,
                    [ulong only] => only,
                    [WT, WB] => WT,
                    _ => UC,
                };
                Assert.Equal(expected, TypeOf(address + 0xABC));
            }
        }
    }

    [Fact]
    public void Queries_OfEverySort_AllocateNothing()
    {
        Write(DefType, E | FE | WB);
        Range(0, 0, 1 << 30, WT);

        Assert.Equal(0, Allocation.Of(1, _ => Ask(1_000)));

        void Ask(int count)
        {
            for (ulong i = 0; i < (ulong)count; i++)
            {
                MemoryTypes.Effective(_mtrrs.TypeOf(i << 12), MemoryTypes.PatEntry(ControlRegisters.PatAtReset, (int)i & 7));
            }
        }
    }

    private static IEnumerable<uint> Registers() =>
        Enumerable.Range(0x200, 16).Select(i => (uint)i).Concat(FixedNumbers).Append(DefType);

    private ulong TypeOf(ulong address) => (ulong)_mtrrs.TypeOf(address);

    private ulong Read(uint msr)
    {
        Assert.True(_mtrrs.TryRead(msr, out ulong value));
        return value;
    }

    private void Write(uint msr, ulong value) => Assert.True(_mtrrs.TryWrite(msr, value), $"{msr:X}h = {value:X}h");

    private void Range(uint index, ulong start, ulong size, ulong type)
    {
        Write(0x200 + (2 * index), start | type);
        Write(0x201 + (2 * index), (0xF_FFFF_FFFF & ~(size - 1)) | V);
    }
}
