using X86Pae.Reference.Specification;
using static X86Pae.Reference.Scenarios.ScenarioMismatchException;

namespace X86Pae.Reference.Scenarios;

/// <summary>
/// Makes accesses on an MMU and judges them: the outcome must be one that the specification permits, memory must show the flags
/// that the way to this outcome sets, and nothing else may have changed.
/// </summary>
internal sealed class AccessCheck(Arena arena, MmuProfile profile, ScenarioStatistics statistics)
{
    private const int LargestOperand = 16;

    private static readonly SpecAccess[] Probes =
    [
        new(SpecKind.Read, SpecMode.User, AlignmentCheck: false),
        new(SpecKind.Write, SpecMode.Supervisor, AlignmentCheck: true),
        new(SpecKind.Fetch, SpecMode.Supervisor, AlignmentCheck: false),
    ];

    private readonly List<SpecPermitted> _first = [];
    private readonly List<SpecPermitted> _second = [];
    private readonly AllowedFlags _allowed = new();
    private readonly byte[] _value = new byte[LargestOperand];
    private readonly byte[] _found = new byte[LargestOperand];
    private readonly ulong[] _pages = new ulong[2];
    private readonly bool _comparesAttributes = profile.Has(MmuCapabilities.Attributes);
    private readonly bool _probes = profile.Has(MmuCapabilities.Probe);

    /// <summary>A translation alone.</summary>
    public void Translate(ProcessorPair processor, uint linear, SpecAccess access)
    {
        ListPermitted(processor, linear, access, _first);
        _second.Clear();
        Restrict(processor, access);
        if (_probes)
        {
            RequirePermitted(processor, linear, access, processor.Mmu.Probe(linear, access), "probe");
        }

        SpecOutcome actual = processor.Mmu.Translate(linear, access);
        statistics.Count(Compared(actual, access), Compared(_first[0].Outcome, access));
        if (processor.Mmu.Caching == MmuCaching.None)
        {
            SpecOutcome expected = processor.Specification.Machine.Translate(linear, access);
            arena.Changed();
            if (Visible(expected) != Visible(actual))
            {
                throw NotPermitted(processor, linear, access, actual, "translation", "is not permitted");
            }
        }

        RequireReached(processor, linear, access, actual);
        Settle(processor, access, data: default, actual.IsFault ? actual.Cr2 : null);
    }

    /// <summary>A load, fetch, store or read-modify-write of some bytes.</summary>
    public void TakeOperand(ProcessorPair processor, ScenarioStep step)
    {
        var linear = (uint)step.Address;
        Span<byte> value = _value.AsSpan(0, step.Size);
        Span<byte> found = _found.AsSpan(0, step.Size);
        for (int i = 0; i < value.Length; i++)
        {
            value[i] = (byte)(step.Value >> (8 * (i % 8)));
        }

        ListPermittedOfOperand(processor, linear, step.Access, step.Size);
        SpecOutcome outcome = processor.Mmu.Access(linear, step.Access, value, found, _pages);
        if (outcome.IsFault)
        {
            TakeFault(processor, linear, step.Access, outcome);
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

    /// <summary>A locked compare-exchange, of what is there in every other case.</summary>
    public void TakeCompareExchange(ProcessorPair processor, ScenarioStep step)
    {
        var linear = (uint)step.Address;
        ListPermittedOfOperand(processor, linear, step.Access, step.Size);
        ulong expected = _first[0].Outcome is { IsFault: false } hit && step.Value % 2 == 0
            ? arena.Memory.Specification.Load(hit.PhysicalAddress, step.Size)
            : step.Value >> 8;
        SpecOutcome outcome = processor.Mmu.CompareExchange(
            linear, step.Access, step.Size, expected, step.Value, _pages, out bool swapped);
        if (outcome.IsFault)
        {
            TakeFault(processor, linear, step.Access, outcome);
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
        if (data.First < arena.Memory.SizeInBytes)
        {
            ulong mask = step.Size == 8 ? ulong.MaxValue : uint.MaxValue;
            ulong left = arena.Memory.Specification.Load(data.First, step.Size);
            bool isLeft = (swapped ? step.Value & mask : expected & mask) == left;
            ThrowUnlessEqual(swapped, isLeft, "compare-exchange", Rule.ReadModifyWrite);
        }
    }

    /// <summary>Empties the caches of a processor; each page must then be as memory alone says.</summary>
    public void FlushAll(ProcessorPair processor, IReadOnlyList<uint> pages)
    {
        processor.FlushAll();
        foreach (uint page in pages)
        {
            foreach (SpecAccess access in Probes)
            {
                RequireMemory(processor, page, access);
            }
        }
    }

    private void RequireMemory(ProcessorPair processor, uint page, SpecAccess access)
    {
        if (!_probes)
        {
            processor.FlushAll();
        }

        processor.Specification.Permitted(page, access, _first);
        KeepCoherent(_first);
        if (_probes)
        {
            RequirePermitted(processor, page, access, processor.Mmu.Probe(page, access), "probe after a flush");
            return;
        }

        _second.Clear();
        Allow(processor, access);
        SpecOutcome actual = processor.Mmu.Translate(page, access);
        RequireReached(processor, page, access, Compared(actual, access), _first, written: default, "translation after a flush");
        Settle(processor, access, data: default, actual.IsFault ? actual.Cr2 : null);
    }

    private void ListPermittedOfOperand(ProcessorPair processor, uint linear, SpecAccess access, int size)
    {
        ListPermitted(processor, linear, access, _first);
        _second.Clear();
        if (InFirstPage(linear, size) < size)
        {
            ListPermitted(processor, NextPage(linear), access, _second);
        }

        Restrict(processor, access);
    }

    private void ListPermitted(ProcessorPair processor, uint linear, SpecAccess access, List<SpecPermitted> results)
    {
        processor.Specification.Permitted(linear, access, results);
        statistics.CountPermitted(results);
    }

    /// <summary>Without caches the walk of memory is the only way; the flags that may be set are those of the ways there are.</summary>
    private void Restrict(ProcessorPair processor, SpecAccess access)
    {
        if (processor.Mmu.Caching == MmuCaching.None)
        {
            KeepCoherent(_first);
            KeepCoherent(_second);
        }

        Allow(processor, access);
    }

    private void Allow(ProcessorPair processor, SpecAccess access)
    {
        _allowed.Clear(processor.Mmu.Caching == MmuCaching.Speculative);
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

    private void TakeFault(ProcessorPair processor, uint linear, SpecAccess access, SpecOutcome fault)
    {
        bool inFirst = fault.Cr2 == linear;
        RequireReached(processor, inFirst ? linear : NextPage(linear), access, fault, inFirst ? _first : _second, written: default, "operand");
        if (!inFirst && !_first.Exists(way => !way.Outcome.IsFault && FlagsAreSet(way, access, default)))
        {
            throw new ScenarioMismatchException(
                $"fault in the second page: the first must fault, or lacks flags; {Describe(_first)}", Rule.PageCrossing);
        }

        Settle(processor, access, data: default, fault.Cr2);
    }

    /// <summary>Where an operand turned out to be; one permitted way must have led to each of its pages.</summary>
    private DataRange Reached(ProcessorPair processor, uint linear, SpecAccess access, int size)
    {
        int inFirst = InFirstPage(linear, size);
        bool crosses = inFirst < size;
        var data = new DataRange(_pages[0], inFirst, crosses ? _pages[1] : 0, size - inFirst);
        DataRange written = access.IsWrite ? data : default;
        RequireReached(processor, linear, access, data.First, _first, written);
        if (crosses)
        {
            RequireReached(processor, NextPage(linear), access, data.Second, _second, written);
        }

        return data;
    }

    /// <summary>Takes over the flags that were set and the bytes that were written, then the effects of a fault.</summary>
    private void Settle(ProcessorPair processor, SpecAccess access, DataRange data, uint? cr2)
    {
        bool overwritesEntry = _allowed.AreIn(data, arena.Memory.Specification);
        arena.TakeOver(_allowed, data, RuleFinder.OfFlags(access, cr2 is not null));
        if (cr2 is { } linear)
        {
            processor.Specification.Faulted(linear);
        }

        if (overwritesEntry)
        {
            // What was cached between the walk and the store cannot be told from memory as it is left.
            processor.FlushAll();
        }
    }

    private void RequireFound(ReadOnlySpan<byte> found, DataRange data)
    {
        for (int i = 0; i < found.Length; i++)
        {
            ulong address = data.AddressOf(i);
            var before = (byte)arena.Memory.Specification.Load(address, 1);
            if (found[i] != before && !_allowed.Allows(address, before, found[i]))
            {
                throw new ScenarioMismatchException(
                    $"byte found at {address:X}: specification {before:X2}, MMU {found[i]:X2}", Rule.ReadModifyWrite);
            }
        }
    }

    private void RequireInMemory(ReadOnlySpan<byte> bytes, DataRange data)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            ulong address = data.AddressOf(i);
            if (address < arena.Memory.SizeInBytes)
            {
                ThrowUnlessEqual(
                    (byte)arena.Memory.Specification.Load(address, 1), bytes[i], "byte of an operand", Rule.PageCrossing);
            }
        }
    }

    private void RequirePermitted(ProcessorPair processor, uint linear, SpecAccess access, SpecOutcome actual, string what)
    {
        SpecOutcome compared = Compared(actual, access);
        foreach (SpecPermitted way in _first)
        {
            if (Visible(way.Outcome) == compared)
            {
                return;
            }
        }

        throw NotPermitted(processor, linear, access, actual, what, "is not permitted");
    }

    private void RequireReached(ProcessorPair processor, uint linear, SpecAccess access, SpecOutcome actual) =>
        RequireReached(processor, linear, access, Compared(actual, access), _first, written: default, "translation");

    private void RequireReached(
        ProcessorPair processor,
        uint linear,
        SpecAccess access,
        SpecOutcome actual,
        List<SpecPermitted> permitted,
        DataRange written,
        string what)
    {
        bool lacksFlags = false;
        foreach (SpecPermitted way in permitted)
        {
            if (Visible(way.Outcome) == actual)
            {
                if (FlagsAreSet(way, access, written))
                {
                    return;
                }

                lacksFlags = true;
            }
        }

        throw lacksFlags
            ? new ScenarioMismatchException(
                $"{Text(what, linear, access)}: {actual} lacks flags; {Describe(permitted)}",
                OfMissingFlags(processor, linear, access, permitted[0], actual, written))
            : NotPermitted(processor, linear, access, actual, what, "is not permitted");
    }

    private void RequireReached(
        ProcessorPair processor, uint linear, SpecAccess access, ulong physical, List<SpecPermitted> permitted, DataRange written)
    {
        foreach (SpecPermitted way in permitted)
        {
            if (!way.Outcome.IsFault && way.Outcome.PhysicalAddress == physical && FlagsAreSet(way, access, written))
            {
                return;
            }
        }

        throw NotPermitted(
            processor, linear, access, SpecOutcome.Translated(physical), "operand", "is not permitted, or lacks flags");
    }

    /// <summary>Whether the flags are in memory that this way sets, as far as the access itself has not overwritten them.</summary>
    private bool FlagsAreSet(SpecPermitted way, SpecAccess access, DataRange written)
    {
        byte leafFlags = access.IsWrite ? AllowedFlags.AccessedAndDirty : AllowedFlags.Accessed;
        ArenaMemory memory = arena.Memory;
        return (way.Pde == SpecPermitted.None || written.Contains(way.Pde) || memory.HasFlags(way.Pde, AllowedFlags.Accessed))
            && (way.Leaf == SpecPermitted.None || written.Contains(way.Leaf) || memory.HasFlags(way.Leaf, leafFlags));
    }

    /// <summary>Something may have been kept that had to be dropped. A page whose A is set already may have been cached clean: then a write has failed to look at memory.</summary>
    private Rule OfMissingFlags(
        ProcessorPair processor, uint linear, SpecAccess access, SpecPermitted walk, SpecOutcome actual, DataRange written)
    {
        var finder = new RuleFinder(processor.Specification, linear, access, _comparesAttributes);
        if (finder.OfCaches(actual, way => FlagsAreSet(way, access, written)) is { } rule)
        {
            return rule;
        }

        bool mayBeCached = processor.Mmu.Caching != MmuCaching.None && access.IsWrite && !actual.IsFault
            && walk.Leaf != SpecPermitted.None
            && (arena.Memory.Specification.Load(walk.Leaf, 1) & AllowedFlags.Accessed) != 0;
        return mayBeCached ? Rule.CleanCachedPage : RuleFinder.OfFlags(access, actual.IsFault);
    }

    private ScenarioMismatchException NotPermitted(
        ProcessorPair processor, uint linear, SpecAccess access, SpecOutcome actual, string what, string verdict)
    {
        List<SpecPermitted> permitted = [];
        processor.Specification.Permitted(linear, access, permitted);
        if (processor.Mmu.Caching == MmuCaching.None)
        {
            KeepCoherent(permitted);
        }

        Rule rule = new RuleFinder(processor.Specification, linear, access, _comparesAttributes).Of(actual);
        return new ScenarioMismatchException(
            $"{Text(what, linear, access)}: {Visible(actual)} {verdict}; {Describe(permitted)}", rule);
    }

    /// <summary>What counts of an outcome: D of what a read uses is nobody's business; after a write it is set.</summary>
    private SpecOutcome Compared(SpecOutcome outcome, SpecAccess access) =>
        Visible(outcome.IsFault || access.IsWrite ? outcome : outcome with { Dirty = false });

    /// <summary>An outcome as far as the MMU tells of it.</summary>
    private SpecOutcome Visible(SpecOutcome outcome) =>
        _comparesAttributes || outcome.IsFault ? outcome : SpecOutcome.Translated(outcome.PhysicalAddress);

    private static int InFirstPage(uint linear, int size) => (int)Math.Min(0x1000 - (linear & 0xFFF), (uint)size);

    private static uint NextPage(uint linear) => (linear & ~0xFFFu) + 0x1000;

    private static string Text(string what, uint linear, SpecAccess access) =>
        $"{what} of {linear:X8} for {access.Mode} {access.Kind}{(access.AlignmentCheck ? " with AC" : "")}";

    private string Describe(List<SpecPermitted> permitted) => "permitted:" + string.Concat(
        permitted.Select(way => Environment.NewLine + "    " + (way with { Outcome = Visible(way.Outcome) })));
}
