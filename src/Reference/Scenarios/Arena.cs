using X86Pae.Reference.Specification;

namespace X86Pae.Reference.Scenarios;

/// <summary>The processors of a scenario and the memory that they share, on both sides.</summary>
internal sealed class Arena : IDisposable
{
    private bool _memoryChanged;

    /// <summary>Creates the processors and their memory as a scenario asks for them.</summary>
    public Arena(Scenario scenario, MmuProfile profile, Func<MmuSetup, IMmuAdapter> create)
    {
        var setup = new MmuSetup
        {
            Features = scenario.Features,
            Options = scenario.Options,
            MemorySizeInBytes = (ulong)scenario.MemorySizeInBytes,
            OpenBus = scenario.OpenBus,
            Caches = scenario.Caches,
        };
        IMmuAdapter first = create(setup);
        Memory = new ArenaMemory(first, scenario.MemorySizeInBytes, scenario.OpenBus);
        Processors = new ProcessorPair[scenario.Processors];
        for (int i = 0; i < Processors.Length; i++)
        {
            IMmuAdapter mmu = i == 0 ? first : create(setup with { SharesMemoryWith = first });
            var specification = new SpecProcessor(scenario.Features, scenario.Options, Memory.Specification);
            Processors[i] = new ProcessorPair(mmu, specification, profile);
        }
    }

    public ProcessorPair[] Processors { get; }

    public ArenaMemory Memory { get; }

    /// <summary>Software stores an entry, of which processors hear with <see cref="NoticeStores"/>.</summary>
    public void Store(ulong address, int size, ulong value)
    {
        Memory.Store(address, size, value);
        _memoryChanged = true;
    }

    /// <summary>The specification's memory has changed by other means than a store.</summary>
    public void Changed() => _memoryChanged = true;

    /// <summary>Shows all processors of the specification what has changed since the last case.</summary>
    public void NoticeStores()
    {
        if (!_memoryChanged)
        {
            return;
        }

        SpecMemory frozen = Memory.Specification.Freeze();
        foreach (ProcessorPair processor in Processors)
        {
            processor.Specification.MemoryChanged(frozen);
        }

        _memoryChanged = false;
    }

    /// <summary>Takes over the flags that an access has set and the bytes that it has written.</summary>
    /// <param name="allowed">Which bits may have been set.</param>
    /// <param name="data">Bytes that the access has written.</param>
    /// <param name="rule">The rule that any other change breaks.</param>
    /// <exception cref="ScenarioMismatchException">Something has changed that must not.</exception>
    public void TakeOver(AllowedFlags allowed, DataRange data, Rule rule)
    {
        _memoryChanged |= Memory.TakeOver(allowed, data, rule);
        NoticeStores();
    }

    /// <summary>Ends the scenario for those adapters that want to know.</summary>
    public void Dispose()
    {
        foreach (ProcessorPair processor in Processors)
        {
            (processor.Mmu as IDisposable)?.Dispose();
        }
    }
}
