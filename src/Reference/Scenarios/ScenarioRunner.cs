namespace X86Pae.Reference.Scenarios;

/// <summary>Takes a scenario's steps on the specification and on MMUs; after each step the MMU must have done what is permitted.</summary>
/// <remarks>May be used again, by one thread at a time.</remarks>
/// <param name="create">Makes the MMUs.</param>
/// <param name="profile">What they can do; the other steps are left out.</param>
internal sealed class ScenarioRunner(Func<MmuSetup, IMmuAdapter> create, MmuProfile profile)
{
    private readonly LeftOutSteps? _leftOut = profile.Has(MmuCapabilities.All) ? null : new LeftOutSteps(profile);

    /// <summary>What all scenarios of this runner came to.</summary>
    public ScenarioStatistics Statistics { get; } = new();

    /// <summary>Number of cases of the last scenario that have passed.</summary>
    public int Passed { get; private set; }

    /// <summary>Number of cases in all scenarios that were left out, by what they need.</summary>
    public IReadOnlyDictionary<string, long> LeftOut => _leftOut?.Counts ?? LeftOutSteps.Nothing;

    /// <summary>Runs a scenario, or the beginning of it.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="maxCases">After how many cases to stop.</param>
    /// <exception cref="ScenarioMismatchException">The MMU has done something that is not permitted.</exception>
    public void Run(Scenario scenario, int maxCases = int.MaxValue)
    {
        Passed = 0;
        using var arena = new Arena(scenario, profile, create);
        var accesses = new AccessCheck(arena, profile, Statistics);
        int cases = 0;
        foreach (ScenarioStep step in scenario.Steps)
        {
            if (cases == maxCases)
            {
                return;
            }

            cases += step.IsCase ? 1 : 0;
            ProcessorPair processor = arena.Processors[step.Processor];
            if (_leftOut is not null && _leftOut.Contains(step, processor.Specification))
            {
                continue;
            }

            Statistics.Steps++;
            Take(step, processor, arena, accesses, scenario.Pages);
            Passed += step.IsCase ? 1 : 0;
        }

        FlushAll(arena, accesses, scenario.Pages);
    }

    private static void Take(ScenarioStep step, ProcessorPair processor, Arena arena, AccessCheck accesses, IReadOnlyList<uint> pages)
    {
        switch (step.Kind)
        {
            case StepKind.StoreEntry64:
                arena.Store(step.Address, 8, step.Value);
                return;
            case StepKind.StoreEntry32:
                arena.Store(step.Address, 4, step.Value);
                return;
            case StepKind.FlipEntry64:
                arena.Store(step.Address, 8, arena.Memory.Specification.Load(step.Address, 8) ^ step.Value);
                return;
        }

        arena.NoticeStores();
        switch (step.Kind)
        {
            case StepKind.Access:
                accesses.Translate(processor, (uint)step.Address, step.Access);
                break;
            case StepKind.Operand:
                accesses.TakeOperand(processor, step);
                break;
            case StepKind.CompareExchange:
                accesses.TakeCompareExchange(processor, step);
                break;
            case StepKind.Invlpg:
                processor.Invlpg((uint)step.Address);
                break;
            case StepKind.Invpcid:
                processor.Invpcid((uint)(step.Value & 0xFF), step.Value >> 8, step.Address);
                break;
            case StepKind.SwitchTask:
                processor.SwitchTask((uint)step.Value);
                break;
            case StepKind.MaskA20:
                processor.MaskA20(step.Value != 0);
                break;
            case StepKind.FlushAll:
                FlushAll(arena, accesses, pages);
                break;
            default:
                processor.WriteRegister(step.Register, step.Value);
                break;
        }

        processor.CompareRegisters();
    }

    /// <summary>Empties all caches; from then on memory alone counts, whatever the caches are.</summary>
    private static void FlushAll(Arena arena, AccessCheck accesses, IReadOnlyList<uint> pages)
    {
        arena.NoticeStores();
        foreach (ProcessorPair processor in arena.Processors)
        {
            accesses.FlushAll(processor, pages);
        }
    }
}
