using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Fuzzing;

/// <summary>
/// Takes a scenario's steps on the specification and on whole MMUs; after each step the library must have done what its caches
/// permit: answered with a permitted outcome, set the flags that the way to it sets, and changed nothing else in memory.
/// </summary>
/// <remarks>May be used again, by one thread at a time.</remarks>
public sealed class MmuScenarioRunner
{
    private static readonly SpecAccess[] Probes =
    [
        new(SpecKind.Read, SpecMode.User, AlignmentCheck: false),
        new(SpecKind.Write, SpecMode.Supervisor, AlignmentCheck: true),
        new(SpecKind.Fetch, SpecMode.Supervisor, AlignmentCheck: false),
    ];

    private readonly Dictionary<(int Size, byte OpenBus), GuestMemory> _libraryMemory = [];
    private readonly List<SpecPermitted> _first = [];
    private readonly List<SpecPermitted> _second = [];
    private readonly AllowedFlags _allowed = new();
    private readonly byte[] _value = new byte[Operand.MaxSize];
    private readonly byte[] _found = new byte[Operand.MaxSize];
    private SharedMemory _memory = null!;
    private ProcessorPair[] _processors = [];
    private IReadOnlyList<uint> _pages = [];
    private bool _coherent;
    private bool _speculates;
    private bool _memoryChanged;

    /// <summary>What all scenarios of this runner came to.</summary>
    public ScenarioStatistics Statistics { get; } = new();

    /// <summary>Number of cases of the last scenario that have passed.</summary>
    public int Passed { get; private set; }

    /// <summary>Runs a scenario, or the beginning of it.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="maxCases">After how many cases to stop.</param>
    /// <exception cref="ScenarioMismatchException">The library has done something that is not permitted.</exception>
    public void Run(Scenario scenario, int maxCases = int.MaxValue)
    {
        Passed = 0;
        Prepare(scenario);
        foreach (ScenarioStep step in scenario.Steps)
        {
            if (Passed == maxCases)
            {
                return;
            }

            Statistics.Steps++;
            Take(step, _processors[step.Processor]);
            Passed += step.IsCase ? 1 : 0;
        }

        FlushAll();
    }

    private void Prepare(Scenario scenario)
    {
        (int Size, byte OpenBus) shape = (scenario.MemorySizeInBytes, scenario.OpenBus);
        if (!_libraryMemory.TryGetValue(shape, out GuestMemory? memory))
        {
            memory = new GuestMemory((ulong)shape.Size, shape.OpenBus);
            _libraryMemory[shape] = memory;
        }

        CacheSetup caches = scenario.Caches ?? new CacheSetup(CachePolicy.Coherent, SplintersLargePages: false, Seed: 0);
        _memory = new SharedMemory(memory);
        _processors = new ProcessorPair[scenario.Processors];
        for (int i = 0; i < _processors.Length; i++)
        {
            _processors[i] = new ProcessorPair(scenario, caches, _memory);
        }

        _pages = scenario.Pages;
        _coherent = caches.Policy == CachePolicy.Coherent;
        _speculates = caches.Speculates;
        _memoryChanged = false;
    }

    private void Take(ScenarioStep step, ProcessorPair processor)
    {
        switch (step.Kind)
        {
            case StepKind.StoreEntry64:
                Store(step.Address, 8, step.Value);
                return;
            case StepKind.StoreEntry32:
                Store(step.Address, 4, step.Value);
                return;
            case StepKind.FlipEntry64:
                Store(step.Address, 8, _memory.Specification.Load(step.Address, 8) ^ step.Value);
                return;
        }

        NoticeStores();
        switch (step.Kind)
        {
            case StepKind.Access:
                Translate(processor, (uint)step.Address, step.Access);
                break;
            case StepKind.Operand:
                TakeOperand(processor, step);
                break;
            case StepKind.CompareExchange:
                TakeCompareExchange(processor, step);
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
                FlushAll();
                break;
            default:
                processor.WriteRegister(step.Kind, step.Value);
                break;
        }

        processor.CompareRegisters();
    }

    private void Store(ulong address, int size, ulong value)
    {
        _memory.Store(address, size, value);
        _memoryChanged = true;
    }

    /// <summary>Shows all processors what has been stored since the last case.</summary>
    private void NoticeStores()
    {
        if (!_memoryChanged)
        {
            return;
        }

        SpecMemory frozen = _memory.Specification.Freeze();
        foreach (ProcessorPair processor in _processors)
        {
            processor.MemoryChanged(frozen);
        }

        _memoryChanged = false;
    }

    private void Translate(ProcessorPair processor, uint linear, SpecAccess access)
    {
        ListPermitted(processor, linear, access, _first);
        processor.ComparePermitted(linear, access, _first);
        _second.Clear();
        Restrict(access);
        Access libraryAccess = access.ToLibrary();
        SpecOutcome probed = processor.Mmu.Probe(linear, libraryAccess).ToSpec();
        SpecOutcome actual = processor.Mmu.Translate(linear, libraryAccess).ToSpec();
        RequirePermitted(probed, access, _first, "probe");
        Statistics.Count(Normalized(actual, access), _first[0].Outcome);
        if (_coherent)
        {
            Expect.Equal(processor.Specification.Machine.Translate(linear, access), actual, "translation");
            _memoryChanged = true;
        }

        RequireReached(Normalized(actual, access), access, _first, default);
        Settle(processor, access, data: default, actual.IsFault ? actual.Cr2 : null);
    }

    private void TakeOperand(ProcessorPair processor, ScenarioStep step)
    {
        var linear = (uint)step.Address;
        Span<byte> value = _value.AsSpan(0, step.Size);
        Span<byte> found = _found.AsSpan(0, step.Size);
        for (int i = 0; i < value.Length; i++)
        {
            value[i] = (byte)(step.Value >> (8 * (i % 8)));
        }

        ListPermittedOfOperand(processor, linear, step.Access, step.Size);
        AccessResult result = processor.Mmu.Access(linear, step.Access.ToLibrary(), value, found);
        if (result.IsFault)
        {
            TakeFault(processor, linear, step.Access, result.Fault);
            return;
        }

        DataRange data = Reached(processor, linear, step.Access, step.Size);
        DataRange written = step.Access.IsWrite ? data : default;
        if (step.Access.Kind == SpecKind.ReadModifyWrite)
        {
            RequireFound(found, data);
            for (int i = 0; i < value.Length; i++)
            {
                value[i] ^= found[i];
            }
        }

        Settle(processor, step.Access, written, cr2: null);
        RequireInMemory(step.Access.IsWrite ? value : found, data);
    }

    private void TakeCompareExchange(ProcessorPair processor, ScenarioStep step)
    {
        var linear = (uint)step.Address;
        Access access = step.Access.ToLibrary();
        ListPermittedOfOperand(processor, linear, step.Access, step.Size);
        ulong expected = _first[0].Outcome is { IsFault: false } hit && step.Value % 2 == 0
            ? _memory.Specification.Load(hit.PhysicalAddress, step.Size)
            : step.Value >> 8;
        AccessResult result = processor.Mmu.CompareExchange(
            linear, access, step.Size, expected, step.Value, out bool swapped);
        if (result.IsFault)
        {
            TakeFault(processor, linear, step.Access, result.Fault);
            return;
        }

        DataRange data = Reached(processor, linear, step.Access, step.Size);
        Span<byte> value = _value.AsSpan(0, step.Size);
        for (int i = 0; i < value.Length; i++)
        {
            value[i] = (byte)((swapped ? expected : step.Value) >> (8 * i));
        }

        if (swapped)
        {
            RequireFound(value, data);
        }

        Settle(processor, step.Access, swapped ? data : default, cr2: null);
        if (data.First < _memory.SizeInBytes)
        {
            ulong mask = step.Size == 8 ? ulong.MaxValue : uint.MaxValue;
            ulong left = _memory.Specification.Load(data.First, step.Size);
            Expect.Equal(swapped, (swapped ? step.Value & mask : expected & mask) == left, "compare-exchange");
        }
    }

    private void ListPermittedOfOperand(ProcessorPair processor, uint linear, SpecAccess access, int size)
    {
        ListPermitted(processor, linear, access, _first);
        _second.Clear();
        if (InFirstPage(linear, size) < size)
        {
            ListPermitted(processor, NextPage(linear), access, _second);
        }

        Restrict(access);
    }

    private void ListPermitted(ProcessorPair processor, uint linear, SpecAccess access, List<SpecPermitted> results)
    {
        processor.Specification.Permitted(linear, access, results);
        Statistics.CountPermitted(results);
    }

    /// <summary>Without caches the walk of memory is the only way; the flags that may be set are those of the ways there are.</summary>
    private void Restrict(SpecAccess access)
    {
        if (_coherent)
        {
            KeepCoherent(_first);
            KeepCoherent(_second);
        }

        _allowed.Clear(_speculates);
        _allowed.Add(_first, access.IsWrite);
        _allowed.Add(_second, access.IsWrite);
    }

    private static void KeepCoherent(List<SpecPermitted> results)
    {
        if (results.Count > 1)
        {
            results.RemoveRange(1, results.Count - 1);
        }
    }

    private void TakeFault(ProcessorPair processor, uint linear, SpecAccess access, PageFault fault)
    {
        var actual = new SpecOutcome { IsFault = true, ErrorCode = (uint)fault.ErrorCode, Cr2 = fault.Cr2 };
        RequireReached(actual, access, fault.Cr2 == linear ? _first : _second, default);
        if (fault.Cr2 != linear && !_first.Exists(way => !way.Outcome.IsFault && FlagsAreSet(way, access, default)))
        {
            throw new ScenarioMismatchException($"fault in the second page: the first must fault, or lacks flags; {Describe(_first)}");
        }

        Expect.Equal(0, processor.Mmu.Trace.Count, "data accesses of an access that faults");
        Settle(processor, access, data: default, fault.Cr2);
    }

    /// <summary>Where an operand turned out to be; one permitted way must have led to each of its pages.</summary>
    private DataRange Reached(ProcessorPair processor, uint linear, SpecAccess access, int size)
    {
        int inFirst = InFirstPage(linear, size);
        DataTrace trace = processor.Mmu.Trace;
        int pages = inFirst < size ? 2 : 1;
        var data = new DataRange(trace[0], inFirst, pages == 2 ? trace[1] : 0, size - inFirst);
        for (int i = 0; i < trace.Count; i++)
        {
            Expect.Equal(trace[i % pages], trace[i], "page of an operand");
        }

        DataRange written = access.IsWrite ? data : default;
        RequireReached(data.First, access, _first, written);
        if (pages == 2)
        {
            RequireReached(data.Second, access, _second, written);
        }

        return data;
    }

    /// <summary>Takes over the flags that were set and the bytes that were written, then the effects of a fault.</summary>
    private void Settle(ProcessorPair processor, SpecAccess access, DataRange data, uint? cr2)
    {
        bool overwritesEntry = _allowed.AreIn(data, _memory.Specification);
        _memoryChanged |= _memory.TakeOver(_allowed, data);
        NoticeStores();
        if (cr2 is { } linear)
        {
            processor.Faulted(linear);
        }

        if (overwritesEntry)
        {
            // What was cached between the walk and the store cannot be told from memory as it is left.
            Empty(processor);
        }
    }

    private static void Empty(ProcessorPair processor)
    {
        bool masked = processor.Specification.Registers.A20Masked;
        processor.MaskA20(!masked);
        processor.MaskA20(masked);
    }

    private void RequireFound(ReadOnlySpan<byte> found, DataRange data)
    {
        for (int i = 0; i < found.Length; i++)
        {
            ulong address = data.AddressOf(i);
            var before = (byte)_memory.Specification.Load(address, 1);
            if (found[i] != before && !_allowed.Allows(address, before, found[i]))
            {
                throw new ScenarioMismatchException($"byte found at {address:X}: specification {before:X2}, library {found[i]:X2}");
            }
        }
    }

    private void RequireInMemory(ReadOnlySpan<byte> bytes, DataRange data)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            ulong address = data.AddressOf(i);
            if (address < _memory.SizeInBytes)
            {
                Expect.Equal((byte)_memory.Specification.Load(address, 1), bytes[i], "byte of an operand");
            }
        }
    }

    private static void RequirePermitted(SpecOutcome actual, SpecAccess access, List<SpecPermitted> permitted, string what)
    {
        SpecOutcome normalized = Normalized(actual, access);
        foreach (SpecPermitted way in permitted)
        {
            if (way.Outcome == normalized)
            {
                return;
            }
        }

        throw new ScenarioMismatchException($"{what}: {actual} is not permitted; {Describe(permitted)}");
    }

    private void RequireReached(SpecOutcome actual, SpecAccess access, List<SpecPermitted> permitted, DataRange written)
    {
        foreach (SpecPermitted way in permitted)
        {
            if (way.Outcome == actual && FlagsAreSet(way, access, written))
            {
                return;
            }
        }

        throw new ScenarioMismatchException($"translation: {actual} is not permitted, or lacks flags; {Describe(permitted)}");
    }

    private void RequireReached(ulong physical, SpecAccess access, List<SpecPermitted> permitted, DataRange written)
    {
        foreach (SpecPermitted way in permitted)
        {
            if (!way.Outcome.IsFault && way.Outcome.PhysicalAddress == physical && FlagsAreSet(way, access, written))
            {
                return;
            }
        }

        throw new ScenarioMismatchException($"operand: {physical:X} is not permitted, or lacks flags; {Describe(permitted)}");
    }

    /// <summary>Whether the flags are in memory that this way sets, as far as the access itself has not overwritten them.</summary>
    private bool FlagsAreSet(SpecPermitted way, SpecAccess access, DataRange written)
    {
        byte leafFlags = access.IsWrite ? AllowedFlags.AccessedAndDirty : AllowedFlags.Accessed;
        return (way.Pde == SpecPermitted.None || written.Contains(way.Pde) || _memory.HasFlags(way.Pde, AllowedFlags.Accessed))
            && (way.Leaf == SpecPermitted.None || written.Contains(way.Leaf) || _memory.HasFlags(way.Leaf, leafFlags));
    }

    /// <summary>Empties all caches; from then on memory alone counts, under every policy.</summary>
    private void FlushAll()
    {
        NoticeStores();
        foreach (ProcessorPair processor in _processors)
        {
            Empty(processor);
            foreach (uint page in _pages)
            {
                foreach (SpecAccess access in Probes)
                {
                    processor.Specification.Permitted(page, access, _first);
                    KeepCoherent(_first);
                    RequirePermitted(processor.Mmu.Probe(page, access.ToLibrary()).ToSpec(), access, _first, "probe after a flush");
                }
            }
        }
    }

    /// <summary>D of what a read uses is nobody's business; after a write it is set.</summary>
    private static SpecOutcome Normalized(SpecOutcome outcome, SpecAccess access) =>
        outcome.IsFault || access.IsWrite ? outcome : outcome with { Dirty = false };

    private static int InFirstPage(uint linear, int size) => (int)Math.Min(0x1000 - (linear & 0xFFF), (uint)size);

    private static uint NextPage(uint linear) => (linear & ~0xFFFu) + 0x1000;

    private static string Describe(List<SpecPermitted> permitted) =>
        "permitted:" + string.Concat(permitted.Select(way => Environment.NewLine + "    " + way));
}
