// Scenarios live in a small arena of physical memory, so that walks often get somewhere:
//
//   page 0      page-directory-pointer tables at 0, 20h, 40h and FE0h; or page 18h, which no table entry leads to
//   page 1..7   directories, tables and data, without distinction: every table may be every other's
//
// Only few slots of a page are used; linear addresses are drawn so that they lead to these slots.

using X86Pae.Reference.Specification;

namespace X86Pae.Reference.Scenarios;

/// <summary>Draws features, table entries and register values at random.</summary>
internal sealed class ScenarioValues
{
    private static readonly int[] Widths = [32, 36, 40, 46, 52];
    private static readonly uint[] PaeSlots = [0, 1, 511];
    private static readonly uint[] TwoLevelSlots = [0, 1, 255, 511, 512, 1023];
    private static readonly uint[] PdptBases = [0, 0x20, 0x40, 0xFE0];

    private readonly Random _random;
    private readonly bool _twoLevel;

    public ScenarioValues(Random random, bool twoLevel, MmuProfile profile)
    {
        _random = random;
        _twoLevel = twoLevel;
        bool pse = Chance(90);
        var drawn = new SpecFeatures(
            MaxPhyAddr: Pick(Widths),
            Pae: true,
            Pse: pse,
            Pse36: pse && Chance(60),
            Pge: Chance(90),
            Pat: Chance(75),
            Nx: Chance(75),
            Smep: Chance(75),
            Smap: Chance(75),
            OtherCr4: 0x0005_0F4F | (Chance(10) ? 0x00C0_0000u : 0));
        Features = profile.FeaturesAreFixed ? profile.Features : drawn.And(profile.Features);
    }

    public SpecFeatures Features { get; }

    /// <summary>Whether most entries are to be valid, so that there is something to cache.</summary>
    public bool IsTame { get; set; }

    /// <summary>Physical address of the page with the page-directory-pointer tables.</summary>
    public uint PdptPage { get; set; }

    /// <summary>Slots of a table that are used.</summary>
    public uint[] Slots => _twoLevel ? TwoLevelSlots : PaeSlots;

    /// <summary>Fills every slot, as an operating system would before it switches paging on.</summary>
    public void FillTables(List<ScenarioStep> steps)
    {
        foreach (uint pdpt in PdptBases)
        {
            for (uint i = 0; i < 4; i++)
            {
                steps.Add(Store64(PdptPage + pdpt + (8 * i), Pdpte(reservedPercent: 1)));
            }
        }

        for (uint page = 1; page < 8; page++)
        {
            foreach (uint slot in Slots)
            {
                steps.Add(_twoLevel
                    ? Store32((page << 12) + (4 * slot), Entry32())
                    : Store64((page << 12) + (8 * slot), Entry64()));
            }
        }
    }

    /// <summary>Register writes that switch paging on.</summary>
    public void StartPaging(List<ScenarioStep> steps, int processor)
    {
        steps.Add(Register(StepKind.WriteEfer, Features.Nx && Chance(70) ? 0x800u : 0, processor));
        steps.Add(Register(StepKind.WriteCr3, Cr3(), processor));
        steps.Add(Register(StepKind.WriteCr4, Cr4() & SupportedCr4(), processor));
        steps.Add(Register(StepKind.WriteCr0, 0x8000_0001 | (Chance(50) ? 0x1_0000u : 0), processor));
    }

    /// <summary>A new value in one of the slots.</summary>
    public ScenarioStep StoreEntry(int processor)
    {
        if (Chance(15))
        {
            return Store64(PdptPage + Pick(PdptBases) + (8 * (uint)_random.Next(4)), Pdpte(reservedPercent: 10), processor);
        }

        uint page = 1 + (uint)_random.Next(7);
        return Chance(_twoLevel ? 90 : 5)
            ? Store32((page << 12) + (4 * Pick(TwoLevelSlots)), Entry32(), processor)
            : Store64((page << 12) + (8 * Pick(PaeSlots)), Entry64(), processor);
    }

    public SpecAccess Access() => new((SpecKind)_random.Next(4), (SpecMode)_random.Next(3), Chance(30));

    public uint Page() => _twoLevel
        ? (Pick(TwoLevelSlots) << 22) | (Pick(TwoLevelSlots) << 12)
        : ((uint)_random.Next(4) << 30) | (Pick(PaeSlots) << 21) | (Pick(PaeSlots) << 12);

    public uint Cr0()
    {
        uint value = 0x8000_0011;
        value |= Chance(50) ? 0x1_0000u : 0;
        value ^= Chance(25) ? 0x4000_0000u : 0;
        value ^= Chance(15) ? 0x2000_0000u : 0;
        value ^= Chance(20) ? 0x8000_0000u : 0;
        value ^= Chance(10) ? 0x0000_0001u : 0;
        value ^= Chance(20) ? (uint)_random.Next() : 0;
        return value;
    }

    public uint Cr3() =>
        (_twoLevel ? (1 + (uint)_random.Next(7)) << 12 : PdptPage + Pick(PdptBases) + (Chance(5) ? 0x1000u : 0)) | (uint)_random.Next(32);

    public uint Cr4()
    {
        uint value = Chance(90) != _twoLevel ? 0x20u : 0;
        value |= Chance(60) ? 0x10u : 0;
        value |= Chance(50) ? 0x80u : 0;
        value |= Chance(40) ? 0x10_0000u : 0;
        value |= Chance(40) ? 0x20_0000u : 0;
        value |= Chance(20) ? 0x600u : 0;
        value |= Chance(4) ? 1u << _random.Next(32) : 0;
        return value;
    }

    public uint SupportedCr4() =>
        Features.OtherCr4
        | (Features.Pse ? 0x10u : 0) | 0x20u | (Features.Pge ? 0x80u : 0)
        | (Features.Smep ? 0x10_0000u : 0) | (Features.Smap ? 0x20_0000u : 0);

    public ulong Efer() => (Chance(60) ? 0x800u : 0) | (Chance(30) ? 1u : 0) | (Chance(10) ? 1UL << _random.Next(64) : 0);

    public ulong Pat()
    {
        ulong value = 0;
        for (int i = 0; i < 64; i += 8)
        {
            value |= (ulong)Pick([0, 1, 4, 5, 6, 7]) << i;
        }

        return Chance(40) ? value | 1UL << _random.Next(64) : value;
    }

    public bool Chance(int percent) => _random.Next(100) < percent;

    public T Pick<T>(T[] from) => from[_random.Next(from.Length)];

    public static ScenarioStep Register(StepKind kind, ulong value, int processor = 0) =>
        new(kind, 0, value, default, processor);

    private static ScenarioStep Store64(uint address, ulong value, int processor = 0) =>
        new(StepKind.StoreEntry64, address, value, default, processor);

    private static ScenarioStep Store32(uint address, uint value, int processor = 0) =>
        new(StepKind.StoreEntry32, address, value, default, processor);

    private ulong Pdpte(int reservedPercent)
    {
        ulong entry = (ulong)_random.Next(32) << 9 & 0xE00;
        entry |= Chance(IsTame ? 98 : 90) ? 1u : 0;
        entry |= Chance(20) ? 0x18u : 0;
        entry |= Frame();
        if (Chance(reservedPercent))
        {
            entry |= Chance(50) ? 1UL << Pick([1, 2, 5, 6, 7, 8]) : 1UL << _random.Next(Features.MaxPhyAddr, 64);
        }

        return entry;
    }

    private ulong Entry64()
    {
        ulong entry = Flags() | Frame();
        if ((entry & 0x80) != 0 && Chance(IsTame ? 95 : 70))
        {
            entry &= ~0x1F_E000UL; // a 2-MiB page without reserved bits, with or without PAT
        }

        if (Chance(IsTame ? 5 : 15))
        {
            entry |= 1UL << 63;
        }

        if (Chance(IsTame ? 1 : 3))
        {
            entry |= 1UL << _random.Next(Features.MaxPhyAddr, 64);
        }

        return entry;
    }

    private uint Entry32()
    {
        var entry = (uint)(Flags() | Frame());
        if ((entry & 0x80) != 0 && Chance(70))
        {
            entry = (entry & 0xFFC0_1FFF) | (Chance(50) ? (uint)_random.Next(512) << 13 : 0);
        }

        return entry;
    }

    private ulong Flags()
    {
        ulong entry = (ulong)_random.Next(8) << 9;
        entry |= Chance(IsTame ? 97 : 93) ? 0x01u : 0;
        entry |= Chance(IsTame ? 85 : 70) ? 0x02u : 0;
        entry |= Chance(IsTame ? 85 : 70) ? 0x04u : 0;
        entry |= Chance(25) ? 0x08u : 0;
        entry |= Chance(25) ? 0x10u : 0;
        entry |= Chance(40) ? 0x20u : 0;
        entry |= Chance(40) ? 0x40u : 0;
        entry |= Chance(18) ? 0x80u : 0;
        entry |= Chance(30) ? 0x100u : 0;
        return entry;
    }

    private ulong Frame() => _random.Next(IsTame ? 88 : 100) switch
    {
        < 80 => (ulong)(1 + _random.Next(7)) << 12,
        < 85 => 0,
        < 92 => 0x10_0000 | ((ulong)_random.Next(8) << 12), // reaches the arena while A20 is masked
        _ => (ulong)_random.NextInt64(1L << Features.MaxPhyAddr) & ~0xFFFUL,
    };
}
