// Scenarios in a small arena of physical memory, so that walks often get somewhere:
//
//   page 0      page-directory-pointer tables at 0, 20h, 40h and FE0h
//   page 1..7   directories, tables and data, without distinction: every table may be every other's
//
// Only few slots of a page are used; linear addresses are drawn so that they lead to these slots.

namespace X86Pae.Tests.Specification;

/// <summary>Makes scenarios from a seed; the same seed gives the same scenario.</summary>
internal sealed class ScenarioGenerator
{
    private static readonly int[] Widths = [32, 36, 40, 46, 52];
    private static readonly uint[] Slots = [0, 1, 511];
    private static readonly uint[] TwoLevelSlots = [0, 1, 255, 511, 512, 1023];
    private static readonly uint[] PdptBases = [0, 0x20, 0x40, 0xFE0];

    private readonly Random _random;
    private readonly bool _twoLevel;
    private readonly SpecFeatures _features;

    private ScenarioGenerator(int seed, bool twoLevel)
    {
        _random = new Random(seed);
        _twoLevel = twoLevel;
        bool pse = Chance(90);
        _features = new SpecFeatures(
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
    }

    /// <summary>The scenario of a seed.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="twoLevel">Whether it lives mostly in two-level paging; otherwise mostly in PAE paging.</param>
    public static Scenario FromSeed(int seed, bool twoLevel) => new ScenarioGenerator(seed, twoLevel).Scenario();

    private Scenario Scenario()
    {
        var options = new SpecOptions(
            PdpteOnDemand: Chance(15), CheckReservedInNotPresentPdpte: Chance(15), AccessedOnlyOnSuccess: Chance(30));
        List<ScenarioStep> steps = [];
        Prepare(steps);
        int count = 10 + _random.Next(50);
        for (int i = 0; i < count; i++)
        {
            steps.Add(Step());
        }

        byte openBus = Chance(60) ? (byte)0xFF : Chance(50) ? (byte)0 : (byte)_random.Next(256);
        return new Scenario(_features, options, openBus, steps);
    }

    /// <summary>Fills every slot and switches paging on, as an operating system would.</summary>
    private void Prepare(List<ScenarioStep> steps)
    {
        foreach (uint pdpt in PdptBases)
        {
            for (uint i = 0; i < 4; i++)
            {
                steps.Add(Store64(pdpt + (8 * i), Pdpte(reservedPercent: 1)));
            }
        }

        for (uint page = 1; page < 8; page++)
        {
            if (_twoLevel)
            {
                steps.AddRange(TwoLevelSlots.Select(slot => Store32((page << 12) + (4 * slot), Entry32())));
            }
            else
            {
                steps.AddRange(Slots.Select(slot => Store64((page << 12) + (8 * slot), Entry64())));
            }
        }

        steps.Add(Register(StepKind.WriteEfer, _features.Nx && Chance(70) ? 0x800u : 0));
        steps.Add(Register(StepKind.WriteCr3, Cr3()));
        steps.Add(Register(StepKind.WriteCr4, Cr4() & SupportedCr4()));
        steps.Add(Register(StepKind.WriteCr0, 0x8000_0001 | (Chance(50) ? 0x1_0000u : 0)));
    }

    private ScenarioStep Step() => _random.Next(100) switch
    {
        < 62 => Access(),
        < 82 => StoreEntry(),
        < 87 => Register(StepKind.WriteCr3, Cr3()),
        < 91 => Register(StepKind.WriteCr4, Chance(80) ? Cr4() & SupportedCr4() : Cr4()),
        < 95 => Register(StepKind.WriteCr0, Cr0()),
        < 97 => Register(StepKind.WriteEfer, Efer()),
        < 98 => Register(StepKind.WritePat, Pat()),
        _ => Register(StepKind.MaskA20, Chance(40) ? 1u : 0),
    };

    private ScenarioStep Access()
    {
        uint offset = Chance(30) ? (Chance(50) ? 0u : 0xFFF) : (uint)_random.Next(0x1000);
        uint linear = _twoLevel
            ? (Pick(TwoLevelSlots) << 22) | (Pick(TwoLevelSlots) << 12) | offset
            : ((uint)_random.Next(4) << 30) | (Pick(Slots) << 21) | (Pick(Slots) << 12) | offset;
        var access = new SpecAccess((SpecKind)_random.Next(4), (SpecMode)_random.Next(3), Chance(30));
        return new ScenarioStep(StepKind.Access, linear, (ulong)_random.Next(256), access);
    }

    private ScenarioStep StoreEntry()
    {
        if (Chance(15))
        {
            return Store64(Pick(PdptBases) + (8 * (uint)_random.Next(4)), Pdpte(reservedPercent: 10));
        }

        uint page = 1 + (uint)_random.Next(7);
        return Chance(_twoLevel ? 90 : 5)
            ? Store32((page << 12) + (4 * Pick(TwoLevelSlots)), Entry32())
            : Store64((page << 12) + (8 * Pick(Slots)), Entry64());
    }

    private ulong Pdpte(int reservedPercent)
    {
        ulong entry = (ulong)_random.Next(32) << 9 & 0xE00;
        entry |= Chance(90) ? 1u : 0;
        entry |= Chance(20) ? 0x18u : 0;
        entry |= Frame();
        if (Chance(reservedPercent))
        {
            entry |= Chance(50) ? 1UL << Pick([1, 2, 5, 6, 7, 8]) : 1UL << _random.Next(_features.MaxPhyAddr, 64);
        }

        return entry;
    }

    private ulong Entry64()
    {
        ulong entry = Flags() | Frame();
        if ((entry & 0x80) != 0 && Chance(70))
        {
            entry &= ~0x1F_E000UL; // a 2-MiB page without reserved bits, with or without PAT
        }

        if (Chance(15))
        {
            entry |= 1UL << 63;
        }

        if (Chance(3))
        {
            entry |= 1UL << _random.Next(_features.MaxPhyAddr, 64);
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
        entry |= Chance(93) ? 0x01u : 0;
        entry |= Chance(70) ? 0x02u : 0;
        entry |= Chance(70) ? 0x04u : 0;
        entry |= Chance(25) ? 0x08u : 0;
        entry |= Chance(25) ? 0x10u : 0;
        entry |= Chance(40) ? 0x20u : 0;
        entry |= Chance(40) ? 0x40u : 0;
        entry |= Chance(18) ? 0x80u : 0;
        entry |= Chance(30) ? 0x100u : 0;
        return entry;
    }

    private ulong Frame() => _random.Next(100) switch
    {
        < 80 => (ulong)(1 + _random.Next(7)) << 12,
        < 85 => 0,
        < 92 => 0x10_0000 | ((ulong)_random.Next(8) << 12), // reaches the arena while A20 is masked
        _ => (ulong)_random.NextInt64(1L << _features.MaxPhyAddr) & ~0xFFFUL,
    };

    private uint Cr0()
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

    private uint Cr3() =>
        (_twoLevel ? (1 + (uint)_random.Next(7)) << 12 : Pick(PdptBases) + (Chance(5) ? 0x1000u : 0)) | (uint)_random.Next(32);

    private uint Cr4()
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

    private uint SupportedCr4() =>
        _features.OtherCr4
        | (_features.Pse ? 0x10u : 0) | 0x20u | (_features.Pge ? 0x80u : 0)
        | (_features.Smep ? 0x10_0000u : 0) | (_features.Smap ? 0x20_0000u : 0);

    private ulong Efer() => (Chance(60) ? 0x800u : 0) | (Chance(30) ? 1u : 0) | (Chance(10) ? 1UL << _random.Next(64) : 0);

    private ulong Pat()
    {
        ulong value = 0;
        for (int i = 0; i < 64; i += 8)
        {
            value |= (ulong)Pick([0, 1, 4, 5, 6, 7]) << i;
        }

        return Chance(40) ? value | 1UL << _random.Next(64) : value;
    }

    private static ScenarioStep Register(StepKind kind, ulong value) => new(kind, 0, value, default);

    private static ScenarioStep Store64(uint address, ulong value) => new(StepKind.StoreEntry64, address, value, default);

    private static ScenarioStep Store32(uint address, uint value) => new(StepKind.StoreEntry32, address, value, default);

    private bool Chance(int percent) => _random.Next(100) < percent;

    private T Pick<T>(T[] from) => from[_random.Next(from.Length)];
}
