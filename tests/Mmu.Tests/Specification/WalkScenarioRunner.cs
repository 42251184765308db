using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Reference.Library;
using X86Pae.Reference.Scenarios;
using X86Pae.Reference.Specification;

namespace X86Pae.Tests.Specification;

/// <summary>Takes a scenario's steps on the specification and on the library over both buses; after each step all must agree.</summary>
internal sealed class WalkScenarioRunner
{
    private readonly SpecMachine _spec;
    private readonly ControlRegisters _ram;
    private readonly ControlRegisters _span;
    private readonly GuestMemory _ramMemory;
    private readonly byte[] _spanMemory;
    private readonly byte _openBus;
    private readonly ScenarioStatistics _statistics;

    private WalkScenarioRunner(Scenario scenario, ScenarioStatistics statistics)
    {
        _openBus = scenario.OpenBus;
        _statistics = statistics;
        _spec = new SpecMachine(scenario.Features, scenario.Options, new SpecMemory(scenario.MemorySizeInBytes, _openBus));
        _ram = new ControlRegisters(scenario.Features.ToLibrary(), scenario.Options.ToLibrary());
        _span = new ControlRegisters(scenario.Features.ToLibrary(), scenario.Options.ToLibrary());
        _ramMemory = new GuestMemory((ulong)scenario.MemorySizeInBytes, _openBus);
        _spanMemory = new byte[scenario.MemorySizeInBytes];
    }

    public static void Run(Scenario scenario, ScenarioStatistics statistics)
    {
        var runner = new WalkScenarioRunner(scenario, statistics);
        foreach (ScenarioStep step in scenario.Steps)
        {
            statistics.Steps++;
            runner.Take(step);
            runner.CompareRegisters(runner._ram);
            runner.CompareRegisters(runner._span);
            runner.CompareMemory();
        }
    }

    private void Take(ScenarioStep step)
    {
        var ram = new RamBus(_ramMemory);
        var span = new SpanBus(_spanMemory, _openBus);
        var value = (uint)step.Value;
        SpecRegisters registers = _spec.Registers;
        switch (step.Kind)
        {
            case StepKind.StoreEntry64:
                _spec.Memory.Store(step.Address, 8, step.Value);
                ram.Store(step.Address, step.Value);
                span.Store(step.Address, step.Value);
                break;
            case StepKind.StoreEntry32:
                _spec.Memory.Store(step.Address, 4, step.Value);
                ram.Store(step.Address, value);
                span.Store(step.Address, value);
                break;
            case StepKind.WriteCr0:
                CompareWrites(registers.Write(SpecRegister.Cr0, value), _ram.WriteCr0(value, ref ram), _span.WriteCr0(value, ref span));
                break;
            case StepKind.WriteCr3:
                CompareWrites(registers.Write(SpecRegister.Cr3, value), _ram.WriteCr3(value, ref ram), _span.WriteCr3(value, ref span));
                break;
            case StepKind.WriteCr4:
                CompareWrites(registers.Write(SpecRegister.Cr4, value), _ram.WriteCr4(value, ref ram), _span.WriteCr4(value, ref span));
                break;
            case StepKind.WriteEfer:
                CompareWrites(registers.Write(SpecRegister.Efer, step.Value), _ram.WriteEfer(step.Value), _span.WriteEfer(step.Value));
                break;
            case StepKind.WritePat:
                CompareWrites(registers.Write(SpecRegister.Pat, step.Value), _ram.WritePat(step.Value), _span.WritePat(step.Value));
                break;
            case StepKind.MaskA20:
                registers.A20Masked = _ram.A20Masked = _span.A20Masked = step.Value != 0;
                break;
            default:
                TakeAccess(step, ref ram, ref span);
                break;
        }
    }

    /// <summary>Translates; a write that succeeds stores its byte, which may well hit a page table.</summary>
    private void TakeAccess(ScenarioStep step, ref RamBus ram, ref SpanBus span)
    {
        var linear = (uint)step.Address;
        Access access = step.Access.ToLibrary();
        SpecOutcome expected = _spec.Translate(linear, step.Access);
        _statistics.Count(expected);
        Equal(expected, PageWalker.Walk(ref ram, in _ram.State, linear, access).ToSpec(), "walk over RamBus");
        Equal(expected, PageWalker.Walk(ref span, in _span.State, linear, access).ToSpec(), "walk over SpanBus");
        if (step.Access.IsWrite && !expected.IsFault)
        {
            _spec.Memory.Store(expected.PhysicalAddress, 1, step.Value);
            ram.Store(expected.PhysicalAddress, (byte)step.Value);
            span.Store(expected.PhysicalAddress, (byte)step.Value);
        }
    }

    private void CompareWrites(SpecWrite expected, Invalidation? ram, Invalidation? span)
    {
        _statistics.Count(expected);
        Equal(true, ram == span, "register write over both buses");
        Equal(_ram.PdptesLoaded, _span.PdptesLoaded, "PDPTE load over both buses");
        Equal(expected.GeneralProtection, ram is null, "#GP(0)");
        Equal(expected.PdptesLoaded, _ram.PdptesLoaded, "PDPTE load");
        SpecInvalidation dropped = (ram ?? Invalidation.None).ToSpec();
        bool enough = dropped >= expected.Required && (!expected.GeneralProtection || dropped == SpecInvalidation.None);
        Equal(true, enough, "invalidation that is due");
    }

    private void CompareRegisters(ControlRegisters actual)
    {
        SpecRegisters expected = _spec.Registers;
        Equal(expected.Cr0, (uint)actual.Cr0, "CR0");
        Equal(expected.Cr3, actual.Cr3, "CR3");
        Equal(expected.Cr4, (uint)actual.Cr4, "CR4");
        Equal(expected.Efer, (ulong)actual.Efer, "EFER");
        Equal(expected.Pat, actual.Pat, "PAT");
        for (int i = 0; i < 4; i++)
        {
            Equal(expected.Pdpte[i], actual.Pdptes[i], "PDPTE");
        }
    }

    private void CompareMemory()
    {
        var ram = new RamBus(_ramMemory);
        Span<byte> page = stackalloc byte[4096];
        for (int address = 0; address < _spanMemory.Length; address += page.Length)
        {
            ReadOnlySpan<byte> expected = _spec.Memory.Page(address / page.Length);
            ram.Read((ulong)address, page);
            Equal(true, expected.SequenceEqual(page), "memory behind RamBus");
            Equal(true, expected.SequenceEqual(_spanMemory.AsSpan(address, page.Length)), "memory behind SpanBus");
        }
    }

    private static void Equal<T>(T expected, T actual, string what)
        where T : IEquatable<T>
    {
        if (!expected.Equals(actual))
        {
            throw new ScenarioMismatchException($"{what}: specification {expected:X}, library {actual:X}");
        }
    }
}
