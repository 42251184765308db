using X86Pae.Reference.Specification;

namespace X86Pae.Reference.Scenarios;

/// <summary>Makes scenarios for whole MMUs from a seed; the same seed gives the same scenario.</summary>
/// <remarks>Few pages are used, time and again, so that what is cached for them goes stale before it is used.</remarks>
internal sealed class ScenarioGenerator
{
    /// <summary>Number of cases in a scenario.</summary>
    public const int Cases = 64;

    private static readonly CachePolicy[] Policies =
    [
        CachePolicy.Coherent, CachePolicy.Model, CachePolicy.Tiny, CachePolicy.TinyLevels, CachePolicy.TinyLevels,
        CachePolicy.Ample, CachePolicy.Ample, CachePolicy.Randomized, CachePolicy.Functional, CachePolicy.FunctionalAmple,
    ];

    private static readonly int[] Sizes = [1, 2, 4, 8, 16];

    private readonly MmuProfile _profile;
    private readonly Random _random;
    private readonly ScenarioValues _values;
    private readonly uint[] _pages;
    private readonly int _processors;
    private readonly bool _twoLevel;

    private ScenarioGenerator(int seed, MmuProfile profile)
    {
        _random = new Random(seed);
        _profile = profile;
        bool drawn = _random.Next(4) == 0;
        _twoLevel = !profile.Has(MmuCapabilities.PaePaging) || (drawn && profile.Has(MmuCapabilities.TwoLevelPaging));
        _values = new ScenarioValues(_random, _twoLevel, profile) { IsTame = true };
        bool alone = _values.Chance(60);
        _processors = alone || !profile.Has(MmuCapabilities.Peers) ? 1 : 2;
        _pages = new uint[3 + _random.Next(4)];
        _pages[0] = _values.Page();
        for (int i = 1; i < _pages.Length; i++)
        {
            // Every other page shares the directory entry of the first one.
            _pages[i] = _values.Chance(50) ? (_pages[0] & 0xFFE0_0000) | (_values.Page() & 0x001F_F000) : _values.Page();
        }
    }

    /// <summary>The scenario of a seed.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="profile">What the MMU can do.</param>
    /// <param name="policy">The caches of the library; null to draw them as well.</param>
    public static Scenario FromSeed(int seed, MmuProfile profile, CachePolicy? policy = null) =>
        new ScenarioGenerator(seed, profile).Scenario(policy);

    private Scenario Scenario(CachePolicy? policy)
    {
        var options = new SpecOptions(
            PdpteOnDemand: !_twoLevel && _values.Chance(12),
            CheckReservedInNotPresentPdpte: _values.Chance(10),
            AccessedOnlyOnSuccess: _values.Chance(25),
            TaskSwitchRaisesInvalidTss: _values.Chance(40),
            FaultsFromCachedRights: _values.Chance(50));
        options = _profile.Options ?? options;
        if (options.PdpteOnDemand)
        {
            // A walk that sets A in a PDPTE makes it reserved: the order in which one walk sees that is not prescribed.
            _values.PdptPage = Scenarios.Scenario.SeparatePdptPage;
        }

        var caches = new CacheSetup(_values.Pick(Policies), _values.Chance(50), (ulong)_random.NextInt64());
        List<ScenarioStep> steps = [];
        _values.FillTables(steps);
        for (int processor = 0; processor < _processors; processor++)
        {
            _values.StartPaging(steps, processor);
        }

        int cases = 4 * _processors;
        while (cases < Cases)
        {
            ScenarioStep step = Step(_random.Next(_processors));
            steps.Add(step);
            cases += step.IsCase ? 1 : 0;
        }

        return new Scenario(_values.Features, options, _values.Chance(70) ? (byte)0xFF : (byte)0, steps)
        {
            Caches = policy is null ? caches : caches with { Policy = policy.Value },
            Processors = _processors,
            Pages = _pages,
        };
    }

    private ScenarioStep Step(int processor) => _random.Next(1000) switch
    {
        < 400 => new(StepKind.Access, Page() | (uint)_random.Next(0x1000), 0, _values.Access(), processor),
        < 560 => Operand(processor),
        < 580 => CompareExchange(processor),
        < 720 => Flip(processor),
        < 760 => _values.StoreEntry(processor),
        < 820 => new(StepKind.Invlpg, Page() | (uint)_random.Next(0x1000), 0, default, processor),
        < 860 => Invpcid(processor),
        < 890 => ScenarioValues.Register(StepKind.WriteCr3, _values.Cr3(), processor),
        < 910 => ScenarioValues.Register(StepKind.SwitchTask, _values.Cr3(), processor),
        < 940 => ScenarioValues.Register(StepKind.WriteCr4, Cr4(), processor),
        < 965 => ScenarioValues.Register(StepKind.WriteCr0, Cr0(), processor),
        < 975 => ScenarioValues.Register(StepKind.WriteEfer, _values.Efer(), processor),
        < 985 => ScenarioValues.Register(StepKind.WritePat, _values.Pat(), processor),
        < 990 => ScenarioValues.Register(StepKind.MaskA20, _values.Chance(40) ? 1u : 0, processor),
        _ => ScenarioValues.Register(StepKind.FlushAll, 0, processor),
    };

    private uint Page() => _values.Pick(_pages);

    private uint Cr0() => _values.Chance(40) ? _values.Cr0() : 0x8000_0011 | (_values.Chance(50) ? 0x1_0000u : 0);

    private uint Cr4() => _values.Chance(90) ? _values.Cr4() & _values.SupportedCr4() : _values.Cr4();

    private ScenarioStep Operand(int processor)
    {
        int size = _values.Pick(Sizes);
        uint offset = _values.Chance(35) ? 0x1000 - (uint)_random.Next(size + 1) : 0x400 + (uint)_random.Next(0x800);
        return new(StepKind.Operand, Page() + offset, (ulong)_random.NextInt64(), _values.Access(), processor, size);
    }

    private ScenarioStep CompareExchange(int processor)
    {
        int size = _values.Chance(50) ? 8 : 4;
        SpecAccess access = _values.Access() with { Kind = SpecKind.ReadModifyWrite };
        uint offset = (uint)(_random.Next(0x1000) & -size);
        return new(StepKind.CompareExchange, Page() | offset, (ulong)_random.NextInt64(), access, processor, size);
    }

    private ScenarioStep Flip(int processor)
    {
        uint table = 1 + (uint)_random.Next(7);
        uint linear = Page();
        ulong bits = _random.Next(100) switch
        {
            < 12 => 1UL << 0,
            < 26 => 1UL << 1,
            < 36 => 1UL << 2,
            < 46 => 1UL << 5,
            < 56 => 1UL << 6,
            < 62 => 1UL << 7,
            < 72 => 1UL << 8,
            < 80 => 1UL << 63,
            < 94 => (ulong)_random.Next(1, 8) << 12,
            < 98 => 1UL << Pick(3, 4),
            _ => 1UL << _random.Next(64),
        };
        if (_twoLevel)
        {
            uint half = (_values.Pick<uint>([linear >> 22, linear >> 12]) & 0x3FF) * 4;
            ulong placed = (half & 4) == 0 ? bits & uint.MaxValue : bits << 32;
            return new(StepKind.FlipEntry64, (table << 12) + (half & ~7u), placed, default, processor);
        }

        uint slot = _values.Pick<uint>([linear >> 21, linear >> 12]) & 0x1FF;
        return new(StepKind.FlipEntry64, (table << 12) + (8 * slot), bits, default, processor);
    }

    private ScenarioStep Invpcid(int processor)
    {
        ulong type = (ulong)_random.Next(4);
        ulong address = Page() | (uint)_random.Next(0x1000);
        ulong pcid = 0;
        if (_values.Chance(10))
        {
            type += _values.Chance(20) ? 4u : 0;
            pcid = _values.Pick<ulong>([0UL, 1, 0x1000]);
            address |= _values.Pick<ulong>([0UL, 1UL << 32, 1UL << 47, 0xFFFF_8000_0000_0000]);
        }

        return new(StepKind.Invpcid, address, type | (pcid << 8), default, processor);
    }

    private int Pick(int one, int other) => _values.Chance(50) ? one : other;
}
