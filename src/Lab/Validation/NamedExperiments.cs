using X86Pae.Lab.Experiments;
using X86Pae.Lab.Shootdowns;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Lab.Validation;

/// <summary>The experiments that targets name.</summary>
internal static class NamedExperiments
{
    /// <summary>All experiments, by name. Arguments are numbers; 0 and 1 stand for no and yes.</summary>
    public static IReadOnlyDictionary<string, NamedExperiment> All { get; } = new Dictionary<string, NamedExperiment>
    {
        // Entry size in bytes, block in KiB, stride in bytes.
        ["randomChain"] = new(
            a => $"{a[1]} KiB, stride {Bytes(a[2])}",
            (model, a) => new RandomChain(model, a[0]).Measure(a[1] * 1024, a[2]).Cycles),

        ["fullMiss"] = new(
            _ => "TLB miss, PTE in the nearest cache",
            (model, _) => new TranslationCosts(model).MeasureFullMiss()),
        ["nextLevelHit"] = new(
            _ => "nearest TLB missed, next one hit",
            (model, _) => new TranslationCosts(model).MeasureNextLevelHit()),
        ["missBehindNextLevel"] = new(
            _ => "next TLB missed, over a hit in it",
            (model, _) => new TranslationCosts(model).MeasureFullMiss() - new TranslationCosts(model).MeasureNextLevelHit()),

        // Pages, in percent of what the level holds.
        ["nearestMisses"] = new(
            a => $"misses of the nearest TLB, pages {a[0]} % of it",
            (model, a) => new TranslationCosts(model).MeasureNearestMisses(a[0] / 100.0)),
        ["walks"] = new(
            a => $"walks, pages {a[0]} % of the last TLB",
            (model, a) => new TranslationCosts(model).MeasureWalks(a[0] / 100.0)),

        // Cold or not, pages.
        ["invlpgAndTouch"] = new(
            a => $"INVLPG and touch, {Pages(a[1])}, {State(a[0])}",
            (model, a) => new FlushCosts(model).MeasureInvlpgAndTouch(a[1], a[0] != 0)),
        ["cr3AndTouch"] = new(
            a => $"MOV CR3 and touch, {Pages(a[1])}, {State(a[0])}",
            (model, a) => new FlushCosts(model).MeasureCr3AndTouch(a[1], a[0] != 0)),

        // Cold or not, pages from and to.
        ["invlpgAndTouchSlope"] = new(
            a => $"INVLPG and touch, each page from {a[1]} to {a[2]}, {State(a[0])}",
            (model, a) => Slope(a[1], a[2], pages => new FlushCosts(model).MeasureInvlpgAndTouch(pages, a[0] != 0))),
        ["cr3AndTouchSlope"] = new(
            a => $"MOV CR3 and touch, each page from {a[1]} to {a[2]}, {State(a[0])}",
            (model, a) => Slope(a[1], a[2], pages => new FlushCosts(model).MeasureCr3AndTouch(pages, a[0] != 0))),

        ["movCr3"] = new(_ => "MOV CR3 alone", (model, _) => new FlushCosts(model).MeasureMovCr3()),
        ["pgeTogglePair"] = new(_ => "CR4.PGE off and on", (model, _) => new FlushCosts(model).MeasurePgeTogglePair()),

        // With INVPCID as well or not, pages from and to.
        ["rangeFlushSlope"] = new(
            a => $"range flush{(a[0] != 0 ? " with INVPCID" : string.Empty)}, each page from {a[1]} to {a[2]}",
            (model, a) => Slope(a[1], a[2], pages => new FlushCosts(model).MeasureRangeFlush(pages, a[0] != 0))),

        ["refillMean"] = new(
            _ => "mean refill after a full flush, entries in the last-level cache",
            (model, _) => new RefillCosts(model).Measure() is var (cycles, pages) ? cycles / (double)pages : 0),
        ["refillBreakEven"] = new(
            _ => "pages whose INVLPG costs as much as refilling the TLB",
            (model, _) => new RefillCosts(model).Measure().Cycles / (double)model.Invlpg.Value),

        ["faultRoundTrip"] = new(
            _ => "page fault delivered and returned from", (model, _) => new FaultCosts(model).MeasureRoundTrip()),

        // Both threads of each core in use or not.
        ["ipiDelivery"] = new(
            a => $"ICR write to first instruction of the handler{(a[0] != 0 ? ", SMT" : string.Empty)}",
            (model, a) => new ShootdownExperiment(model, 1, Default with { SiblingThreads = a[0] != 0 }).MeasureDelivery()),

        // CPUs, CPUs of a package.
        ["shootdown"] = new(
            a => $"shootdown of one page, {a[0]} CPUs in packages of {a[1]}",
            (model, a) => Shootdown(model, a[0], a[1]).Total),
        ["ipiRoundTrip"] = new(
            a => $"broadcast without flush, {a[0]} CPUs in packages of {a[1]}",
            (model, a) => Shootdown(model, a[0], a[1], flush: false).Total),

        // CPUs from and to, CPUs of a package.
        ["marginalTarget"] = new(
            a => $"each further target from {a[0]} to {a[1]} CPUs in packages of {a[2]}",
            (model, a) => Slope(a[0], a[1], cpus => Shootdown(model, cpus, a[2]).Total)),

        // CPUs from and to and of a package, then to and of a package of a larger machine.
        ["marginalGrowth"] = new(
            a => $"each further target up to {a[3]} CPUs in packages of {a[4]} over those up to {a[1]} in packages of {a[2]}",
            (model, a) => Slope(a[1], a[3], cpus => Shootdown(model, cpus, a[4]).Total)
                / Slope(a[0], a[1], cpus => Shootdown(model, cpus, a[2]).Total)),

        // CPUs, CPUs of a package.
        ["flagsOverCounter"] = new(
            a => $"shootdown with per-CPU flags over one with a shared counter, {a[0]} CPUs in packages of {a[1]}",
            (model, a) => FreeBsd(model, a, Acknowledgement.PerCpuFlags).Measure().Total
                / (double)FreeBsd(model, a, Acknowledgement.SharedCounter).Measure().Total),
        ["flushShareWithCounter"] = new(
            a => $"flush as percentage of the handler, shared counter, {a[0]} CPUs in packages of {a[1]}",
            (model, a) => 100 * FreeBsd(model, a, Acknowledgement.SharedCounter).MeasureFlushShare()),
        ["flushShareWithFlags"] = new(
            a => $"flush as percentage of the handler, per-CPU flags, {a[0]} CPUs in packages of {a[1]}",
            (model, a) => 100 * FreeBsd(model, a, Acknowledgement.PerCpuFlags).MeasureFlushShare()),
        ["overlapGain"] = new(
            a => $"cycles that overlapping the local flush saves, {a[0]} CPUs in packages of {a[1]}",
            (model, a) => OverlapGain(model, a[0], a[1])),
        ["overlapGainOverLocalFlush"] = new(
            a => $"cycles that overlapping saves, over the local flush, {a[0]} CPUs in packages of {a[1]}",
            (model, a) => OverlapGain(model, a[0], a[1]) / (double)model.Invlpg.Value),

        // Targets from and to.
        ["unicastSlope"] = new(
            a => $"each further target from {a[0]} to {a[1]}, one message each",
            (model, a) => Slope(a[0], a[1], targets => Wire(model, targets, IpiDelivery.PhysicalUnicast))),
        ["broadcastSlope"] = new(
            a => $"each further target from {a[0]} to {a[1]} on the wire, one logical message",
            (model, a) => Slope(a[0], a[1], targets => Wire(model, targets, IpiDelivery.Logical))),

        // Targets.
        ["windowDeviation"] = new(
            a => $"deviation of the delay by a target with IF = 0 from max(0, window - arrival), {a[0]} targets",
            (model, a) => new ShootdownExperiment(model, a[0]).MeasureWindowDeviation()),

        // CPUs, INVLPG in cycles.
        ["kmapInvalidation"] = new(
            a => $"invalidation by kmap over that by kmap_atomic, {a[0]} CPUs, INVLPG {a[1]}",
            (model, a) => Mapping(WithInvlpg(model, a[1]), a[0]).MeasureKmap().Invalidation
                / Mapping(WithInvlpg(model, a[1]), a[0]).MeasureKmapAtomic().Invalidation),
        ["kmapTotal"] = new(
            a => $"kmap over kmap_atomic, all cycles, {a[0]} CPUs, INVLPG {a[1]}",
            (model, a) => Mapping(WithInvlpg(model, a[1]), a[0]).MeasureKmap().Cycles
                / Mapping(WithInvlpg(model, a[1]), a[0]).MeasureKmapAtomic().Cycles),
        ["unamortisedInvalidation"] = new(
            a => $"invalidation by a flush everywhere at each unmap over that by kmap_atomic, {a[0]} CPUs, INVLPG {a[1]}",
            (model, a) => Mapping(WithInvlpg(model, a[1]), a[0]).MeasureUnamortisedKmap().Invalidation
                / Mapping(WithInvlpg(model, a[1]), a[0]).MeasureKmapAtomic().Invalidation),

        // CPUs.
        ["kmapAtomicIpis"] = new(
            a => $"IPIs of kmap_atomic, {a[0]} CPUs", (model, a) => Mapping(model, a[0]).MeasureKmapAtomic().IpisSent),
        ["kmapAtomicGrowth"] = new(
            a => $"kmap_atomic on {a[0]} CPUs over one",
            (model, a) => Mapping(model, a[0]).MeasureKmapAtomic().Cycles / Mapping(model, 1).MeasureKmapAtomic().Cycles),

        ["highPte"] = new(
            _ => $"percentage that page tables in high memory add to fork and exit, {ForkExperiment.EntriesOfATable} entries a table",
            (model, _) => 100 * new ForkExperiment(model).MeasureHighMemoryPenalty()),

        // CPUs.
        ["atomicsShareOverPentiumM"] = new(
            a => $"share of kmap that goes with its locked operations, over that of pentium-m-dothan, {a[0]} CPUs",
            (model, a) => AtomicsShare(model, a[0]) / AtomicsShare(CpuModels.Find("pentium-m-dothan")!, a[0])),

        ["fewestPagesForCr3"] = new(
            _ => "fewest pages for which MOV CR3 and touch beats INVLPG and touch, hot",
            (model, _) => Enumerable.Range(1, 64).First(pages => new FlushCosts(model).MeasureCr3AndTouch(pages, cold: false)
                < new FlushCosts(model).MeasureInvlpgAndTouch(pages, cold: false))),

        // Pages.
        ["fullFlushOverLoop"] = new(
            a => $"MOV CR3 and the refill of a full TLB over an INVLPG loop of {a[0]} pages",
            (model, a) => (model.MovCr3.Value + new RefillCosts(model).Measure().Cycles) / (double)(a[0] * model.Invlpg.Value)),
    };

    private static ShootdownOptions Default => ShootdownOptions.Default;

    private static ShootdownParts Shootdown(CpuModel model, int cpus, int ofAPackage, bool flush = true) =>
        new ShootdownExperiment(model, cpus - 1, Default with { ProcessorsPerPackage = ofAPackage }).Measure(flush);

    /// <summary>FreeBSD on amd64 and i386: one description for all targets, the initiator's own flush first.</summary>
    private static ShootdownExperiment FreeBsd(CpuModel model, int[] cpus, Acknowledgement acknowledgement) => new(
        model,
        cpus[0] - 1,
        Default with
        {
            Acknowledgement = acknowledgement,
            LocalFlush = LocalFlush.First,
            ProcessorsPerPackage = cpus[1],
            Requests = RequestPassing.SharedMessage,
        });

    private static long OverlapGain(CpuModel model, int cpus, int ofAPackage)
    {
        ShootdownOptions options = Default with { ProcessorsPerPackage = ofAPackage };
        return new ShootdownExperiment(model, cpus - 1, options with { LocalFlush = LocalFlush.First }).Measure().Total
            - new ShootdownExperiment(model, cpus - 1, options).Measure().Total;
    }

    private static long Wire(CpuModel model, int targets, IpiDelivery delivery)
    {
        ShootdownParts parts = new ShootdownExperiment(model, targets, Default with { Delivery = delivery }).Measure();
        return parts.Send + parts.Wire;
    }

    private static MappingExperiment Mapping(CpuModel model, int cpus) => new(model, cpus);

    private static CpuModel WithInvlpg(CpuModel model, int cycles) =>
        model with { Invlpg = model.Invlpg with { Value = cycles } };

    private static double AtomicsShare(CpuModel model, int cpus)
    {
        double cycles = Mapping(model, cpus).MeasureKmap().Cycles;
        double without = Mapping(model with { LockedRmw = model.LockedRmw with { Value = 0 } }, cpus).MeasureKmap().Cycles;
        return (cycles - without) / cycles;
    }

    private static double Slope(int from, int to, Func<int, double> measure) => (measure(to) - measure(from)) / (to - from);

    private static string Bytes(int count) => count % 1024 == 0 ? $"{count / 1024} KiB" : $"{count} B";

    private static string Pages(int count) => count == 1 ? "1 page" : $"{count} pages";

    private static string State(int cold) => cold != 0 ? "cold" : "hot";
}

/// <summary>A way to measure something on an emulated machine, from a CPU model and some arguments alone.</summary>
/// <param name="Describe">What is measured with these arguments, in words.</param>
/// <param name="Measure">Measures it.</param>
internal sealed record NamedExperiment(Func<int[], string> Describe, Func<CpuModel, int[], double> Measure);
