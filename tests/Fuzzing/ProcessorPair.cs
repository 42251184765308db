using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Fuzzing;

/// <summary>A processor of the library and the same one of the specification; every step is taken on both.</summary>
internal sealed class ProcessorPair
{
    private readonly TranslationHistory<RamBus> _history;
    private readonly List<SpecOutcome> _outcomes = [];

    public ProcessorPair(Scenario scenario, CacheSetup caches, SharedMemory memory)
    {
        TlbConfiguration tlbs = caches.ToLibrary();
        var trace = new DataTrace();
        Mmu = tlbs.HostCached
            ? Create(default(NoTiming), scenario, tlbs, memory, trace)
            : Create(new DataTraceTiming(trace), scenario, tlbs, memory, trace);
        Specification = new SpecProcessor(scenario.Features, scenario.Options, memory.Specification);
        _history = new TranslationHistory<RamBus>(memory.Library, in Mmu.State, scenario.Pages);
    }

    public IScenarioMmu Mmu { get; }

    public SpecProcessor Specification { get; }

    public void MemoryChanged(SpecMemory frozen)
    {
        Specification.MemoryChanged(frozen);
        _history.Observe(in Mmu.State);
    }

    public void Faulted(uint cr2)
    {
        Specification.Faulted(cr2);
        _history.PageFaulted(cr2);
    }

    public void WriteRegister(StepKind kind, ulong value)
    {
        SpecWrite expected = kind switch
        {
            StepKind.WriteCr0 => Specification.WriteCr0((uint)value),
            StepKind.WriteCr3 => Specification.WriteCr3((uint)value),
            StepKind.WriteCr4 => Specification.WriteCr4((uint)value),
            StepKind.WriteEfer => Specification.WriteEfer(value),
            _ => Specification.WritePat(value),
        };
        bool done = Mmu.Write(kind, value);
        Expect.Equal(!expected.GeneralProtection, done, "write done");
        if (done)
        {
            _history.Flushed(expected.Required.ToLibrary(), in Mmu.State);
        }
    }

    public void SwitchTask(uint cr3)
    {
        SpecTaskSwitch expected = Specification.SwitchTask(cr3);
        SpecTaskSwitch actual = Mmu.SwitchTask(cr3).ToSpec();
        Expect.Equal(expected == SpecTaskSwitch.NothingToDo ? SpecTaskSwitch.Loaded : expected, actual, "task switch");
        if (expected is SpecTaskSwitch.Loaded or SpecTaskSwitch.InvalidTss)
        {
            _history.Flushed(Invalidation.NonGlobal, in Mmu.State);
        }
    }

    public void MaskA20(bool masked)
    {
        bool changes = Specification.Registers.A20Masked != masked;
        Specification.MaskA20(masked);
        Mmu.SetA20Masked(masked);
        if (changes)
        {
            _history.Flushed(Invalidation.All, in Mmu.State);
        }
    }

    public void Invlpg(uint linear)
    {
        Specification.Invlpg(linear);
        Mmu.Invlpg(linear);
        _history.PageInvalidated(linear);
    }

    public void Invpcid(uint type, ulong low, ulong high)
    {
        SpecInstruction expected = Specification.Invpcid(type, low, high);
        Expect.Equal(expected, Mmu.Invpcid(type, low, high).ToSpec(), "INVPCID");
        if (expected != SpecInstruction.Done)
        {
            return;
        }

        if (type != 0)
        {
            _history.Flushed(type == 2 ? Invalidation.All : Invalidation.NonGlobal, in Mmu.State);
        }
        else if (high <= uint.MaxValue)
        {
            _history.NonGlobalPageInvalidated((uint)high);
        }
    }

    public void CompareRegisters()
    {
        SpecRegisters expected = Specification.Registers;
        Expect.Equal(expected.Cr0, Mmu.Cr0, "CR0");
        Expect.Equal(expected.Cr3, Mmu.Cr3, "CR3");
        Expect.Equal(expected.Cr4, Mmu.Cr4, "CR4");
        Expect.Equal(expected.Efer, Mmu.Efer, "EFER");
        Expect.Equal(expected.Pat, Mmu.Pat, "PAT");
    }

    private static ScenarioMmu<TTiming> Create<TTiming>(
        TTiming timing, Scenario scenario, TlbConfiguration tlbs, SharedMemory memory, DataTrace trace)
        where TTiming : struct, ITiming => new(
            new Mmu<RamBus, TTiming>(
                memory.Library, timing, scenario.Features.ToLibrary(), tlbs, scenario.Options.ToLibrary()),
            trace);

    /// <summary>The library's own answer to what is permitted must be the specification's.</summary>
    public void ComparePermitted(uint linear, SpecAccess access, List<SpecPermitted> expected)
    {
        _outcomes.Clear();
        foreach (SpecPermitted permitted in expected)
        {
            if (!_outcomes.Contains(permitted.Outcome))
            {
                _outcomes.Add(permitted.Outcome);
            }
        }

        IReadOnlyList<WalkResult> actual = _history.Permitted(linear, access.ToLibrary());
        Expect.Equal(_outcomes[0], actual[0].ToSpec(), "coherent result");
        foreach (WalkResult result in actual)
        {
            if (!_outcomes.Remove(result.ToSpec()))
            {
                throw new ScenarioMismatchException($"permitted by the library alone: {result.ToSpec()}");
            }
        }

        if (_outcomes.Count > 0)
        {
            throw new ScenarioMismatchException($"permitted by the specification alone: {_outcomes[0]}");
        }
    }
}
