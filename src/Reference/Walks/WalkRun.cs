using X86Pae.Reference.Scenarios;
using X86Pae.Reference.Specification;

namespace X86Pae.Reference.Walks;

/// <summary>Makes the accesses of one file of walk vectors on an MMU, as far as the MMU's profile allows.</summary>
internal sealed class WalkRun(Func<MmuSetup, IMmuAdapter> create, MmuProfile profile)
{
    private const ulong LargePage = 0x80;
    private const int FailuresKept = 10;
    private const int CasesBetweenProgress = 1024;

    // The recorders let a CR3 load pass with any of these bits in a PDPTE, even where MAXPHYADDR is 36: the one checks the 40
    // bits it was compiled for, the other checks nothing at the load. Both then fault in the walk.
    private const int RecordersPdpteWidth = 40;

    private readonly SortedDictionary<string, long> _leftOut = new(StringComparer.Ordinal);
    private readonly List<ConformanceFailure> _failures = [];
    private long _passed;
    private long _failed;

    /// <summary>Checks all cases.</summary>
    /// <param name="vectors">The file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="progress">Told now and then the number of the case.</param>
    /// <exception cref="InvalidDataException">A line does not parse, or there is no case.</exception>
    public ConformanceReport Run(WalkVectorReader vectors, string name, Action<long>? progress)
    {
        IMmuAdapter mmu = create(Setup(vectors.Features));
        var machine = new WalkMachine(mmu);
        int cases = 0;
        for (; vectors.TryRead(out WalkVector vector); cases++)
        {
            if (cases % CasesBetweenProgress == 0)
            {
                progress?.Invoke(vector.Number);
            }

            if (Need(vectors.Features, in vector) is { } need)
            {
                _leftOut[need] = _leftOut.GetValueOrDefault(need) + 1;
            }
            else
            {
                Take(machine, vectors, in vector);
            }
        }

        (mmu as IDisposable)?.Dispose();
        return cases == 0
            ? throw new InvalidDataException($"{name}: the file has no cases")
            : new ConformanceReport($"Recorded walks {name}", profile)
            {
                Passed = _passed,
                Failed = _failed,
                LeftOut = _leftOut,
                Failures = _failures,
            };
    }

    private MmuSetup Setup(SpecFeatures features) => new()
    {
        Features = profile.FeaturesAreFixed ? profile.Features : features.And(profile.Features),
        Options = profile.Options ?? new SpecOptions(),
        MemorySizeInBytes = Math.Min(1UL << features.MaxPhyAddr, profile.MaxMemorySizeInBytes),
        PdpteLoadWidth = profile.Has(MmuCapabilities.PdpteLoadWidth) ? Math.Max(RecordersPdpteWidth, features.MaxPhyAddr) : null,
    };

    private void Take(WalkMachine machine, WalkVectorReader vectors, in WalkVector vector)
    {
        WalkOutcome actual = default;
        string? exception = null;
        try
        {
            actual = machine.Run(vector.Input);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            exception = e.ToString();
        }

        if (exception is null && actual.Matches(vector.Expected))
        {
            _passed++;
            return;
        }

        _failed++;
        if (_failures.Count < FailuresKept)
        {
            SpecFeatures cpu = vectors.Features;
            _failures.Add(new ConformanceFailure(
                $"{vectors.Place}: case {vector.Number}",
                exception is null ? FindRule(cpu, in vector, in actual, machine) : null,
                exception ?? $"expected:  {vector.Expected}{Environment.NewLine}actual:    {actual}",
                $"processor: maxphyaddr={cpu.MaxPhyAddr} nx={Bit(cpu.Nx)} smep={Bit(cpu.Smep)} smap={Bit(cpu.Smap)}",
                [$"input:     {vector.Input}"]));
        }
    }

    /// <summary>What a case needs that the MMU does not have, or null.</summary>
    private string? Need(SpecFeatures features, in WalkVector vector)
    {
        SpecFeatures has = profile.Features;
        WalkInput input = vector.Input;
        int width = features.MaxPhyAddr;
        bool hasWidth = profile.FeaturesAreFixed ? width == has.MaxPhyAddr : width <= has.MaxPhyAddr;
        return !profile.Has(MmuCapabilities.PaePaging) ? "PAE paging"
            : !hasWidth ? $"a MAXPHYADDR of {width}"
            : input.NoExecute && !has.Nx ? "NX"
            : input.Smep && !has.Smep ? "SMEP"
            : input.Smap && !has.Smap ? "SMAP"
            : input.GlobalPages && !has.Pge ? "global pages"
            : UsesPat(input.Entries) && !has.Pat ? "PAT"
            : NeedOfChoice(profile.Options ?? new SpecOptions(), width, in vector)
                ?? (LastTable(input.Entries, width) >= profile.MaxMemorySizeInBytes ? "more memory than the MMU has" : null);
    }

    private string? NeedOfChoice(SpecOptions options, int width, in WalkVector vector)
    {
        PathEntries path = vector.Input.Entries;
        bool refused = vector.Expected.Ending == WalkEnding.GeneralProtection;
        bool faults = vector.Expected.Ending == WalkEnding.PageFault;
        bool mustBeRefused = (path.Pdpte & 1) != 0 && (path.Pdpte & SpecBits.Mask(62, width)) != 0;
        return options.PdpteOnDemand && refused ? "PDPTE registers"
            : mustBeRefused && !refused && !profile.Has(MmuCapabilities.PdpteLoadWidth) ? "a PDPTE load as the recorders had it"
            : options.AccessedOnlyOnSuccess && faults && vector.Expected.Entries.Pde != path.Pde ? "A set by an access that faults"
            : null;
    }

    private static bool UsesPat(PathEntries path) => (path.Pde & LargePage) != 0
        ? (path.Pde & SpecBits.Mask(12, 12)) != 0
        : ((path.Pte | path.NextPte) & SpecBits.Mask(7, 7)) != 0;

    /// <summary>The highest address that an entry on the way has for a table.</summary>
    private static ulong LastTable(PathEntries path, int width)
    {
        return Math.Max(Table(path.Pdpte), (path.Pde & LargePage) != 0 ? 0 : Table(path.Pde));

        ulong Table(ulong entry) => (entry & 1) != 0 ? entry & SpecBits.Mask(width - 1, 12) : 0;
    }

    /// <summary>Puts the case to the specification to find the rule that the MMU has broken.</summary>
    private static Rule FindRule(SpecFeatures features, in WalkVector vector, in WalkOutcome actual, WalkMachine machine)
    {
        SpecProcessor processor = WalkMachine.Specification(features, vector.Input);
        SpecWrite load = processor.Write(SpecRegister.Cr3, WalkMachine.Cr3);
        bool refused = actual.Ending == WalkEnding.GeneralProtection;
        if (refused != load.GeneralProtection)
        {
            return RuleFinder.OfWrite(processor, SpecRegister.Cr3, WalkMachine.Cr3, load);
        }

        SpecAccess access = vector.Input.Access;
        bool faults = vector.Expected.Ending == WalkEnding.PageFault;
        if (refused || actual with { Entries = default } == vector.Expected with { Entries = default, Frame = actual.Frame })
        {
            return RuleFinder.OfFlags(access, faults);
        }

        uint cr2 = faults ? vector.Expected.Cr2 : actual.Cr2;
        (uint linear, ulong physical) = cr2 == machine.Second.Linear ? machine.Second : machine.First;
        SpecOutcome outcome = actual.Ending == WalkEnding.PageFault
            ? SpecOutcome.PageFault(actual.ErrorCode, actual.Cr2)
            : SpecOutcome.Translated(physical);
        return new RuleFinder(processor, linear, access, comparesAttributes: false).Of(outcome);
    }

    private static char Bit(bool value) => value ? '1' : '0';
}
