using X86Pae.Reference.Library;
using X86Pae.Reference.Scenarios;
using X86Pae.Reference.Specification;

namespace X86Pae.Tests.Specification;

/// <summary>Makes scenarios for the walker and the control registers from a seed; the same seed gives the same scenario.</summary>
internal sealed class WalkScenarioGenerator
{
    private readonly Random _random;
    private readonly ScenarioValues _values;

    private WalkScenarioGenerator(int seed, bool twoLevel)
    {
        _random = new Random(seed);
        _values = new ScenarioValues(_random, twoLevel, LibraryMmuFactory.Profile);
    }

    /// <summary>The scenario of a seed.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="twoLevel">Whether it lives mostly in two-level paging; otherwise mostly in PAE paging.</param>
    public static Scenario FromSeed(int seed, bool twoLevel) => new WalkScenarioGenerator(seed, twoLevel).Scenario();

    private Scenario Scenario()
    {
        var options = new SpecOptions(
            PdpteOnDemand: _values.Chance(15),
            CheckReservedInNotPresentPdpte: _values.Chance(15),
            AccessedOnlyOnSuccess: _values.Chance(30));
        List<ScenarioStep> steps = [];
        _values.FillTables(steps);
        _values.StartPaging(steps, processor: 0);
        int count = 10 + _random.Next(50);
        for (int i = 0; i < count; i++)
        {
            steps.Add(Step());
        }

        byte openBus = _values.Chance(60) ? (byte)0xFF : _values.Chance(50) ? (byte)0 : (byte)_random.Next(256);
        return new Scenario(_values.Features, options, openBus, steps);
    }

    private ScenarioStep Step() => _random.Next(100) switch
    {
        < 62 => Access(),
        < 82 => _values.StoreEntry(processor: 0),
        < 87 => ScenarioValues.Register(StepKind.WriteCr3, _values.Cr3()),
        < 91 => ScenarioValues.Register(
            StepKind.WriteCr4, _values.Chance(80) ? _values.Cr4() & _values.SupportedCr4() : _values.Cr4()),
        < 95 => ScenarioValues.Register(StepKind.WriteCr0, _values.Cr0()),
        < 97 => ScenarioValues.Register(StepKind.WriteEfer, _values.Efer()),
        < 98 => ScenarioValues.Register(StepKind.WritePat, _values.Pat()),
        _ => ScenarioValues.Register(StepKind.MaskA20, _values.Chance(40) ? 1u : 0),
    };

    private ScenarioStep Access()
    {
        uint offset = _values.Chance(30) ? (_values.Chance(50) ? 0u : 0xFFF) : (uint)_random.Next(0x1000);
        return new ScenarioStep(StepKind.Access, _values.Page() | offset, (ulong)_random.Next(256), _values.Access());
    }
}
