using System.Text.Json.Serialization;
using X86Pae.Tlb;

namespace X86Pae.Timing;

/// <summary>Geometry and costs of one processor: every cycle the library charges is one of these parameters.</summary>
/// <remarks>
/// Costs are in core clock cycles of this processor. A refill has no parameter: it is the walk that happens later. The built-in
/// models are JSON files of this shape; see <see cref="CpuModels"/>.
/// </remarks>
public sealed record CpuModel
{
    private readonly TlbConfiguration? _tlbs;

    /// <summary>Name by which the model is asked for, such as <c>core-duo</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The processor in words.</summary>
    public required string Description { get; init; }

    /// <summary>Core clock in MHz.</summary>
    public required int FrequencyInMHz { get; init; }

    /// <summary>Logical processors of a core, 1 or 2; not in cycles. Null: 2 where <see cref="IpiWireSmt"/> was measured, or else 1.</summary>
    public Parameter? ThreadsPerCore { get; init; }

    /// <summary>Cache-line size in bytes, a power of two.</summary>
    public required int LineSizeInBytes { get; init; }

    /// <summary>First-level data cache.</summary>
    public required CacheGeometry L1 { get; init; }

    /// <summary>Second-level cache.</summary>
    public required CacheGeometry L2 { get; init; }

    /// <summary>Third-level cache, if there is one.</summary>
    public CacheGeometry? L3 { get; init; }

    /// <summary>Load-to-use latency of memory, TLB hit, random addresses.</summary>
    public required Parameter Dram { get; init; }

    /// <summary>Whether walks read table entries from the second level on, past the first (Pentium 4).</summary>
    [JsonPropertyName("walksBypassL1")]
    public bool WalksBypassL1 { get; init; }

    /// <summary>Translation caches, with their sources.</summary>
    [JsonPropertyName("tlbs")]
    public required TlbDescription TlbArrays { get; init; }

    /// <summary>Fixed part of a page walk; the entry loads come on top.</summary>
    public required Parameter WalkFixed { get; init; }

    /// <summary>A load that misses the level only loads use, on top of what follows; null where there is none.</summary>
    public Parameter? LoadLevelMiss { get; init; }

    /// <summary>Asking the second level of TLB, whether it hits or not; null where there is none.</summary>
    public Parameter? SecondLevelHit { get; init; }

    /// <summary>
    /// Share of the cycles of further levels and walks that the program waits for, in percent, 0 to 100; null for all of them,
    /// as in a chain of dependent loads. Out-of-order execution hides the rest of a refill that no later load depends on.
    /// </summary>
    public Parameter? RefillChargedInPercent { get; init; }

    /// <summary>Setting A or D: the locked update and the assist around it.</summary>
    public required Parameter AccessedDirtyAssist { get; init; }

    /// <summary>MOV to CR3, without refills.</summary>
    public required Parameter MovCr3 { get; init; }

    /// <summary>INVLPG, without refills.</summary>
    public required Parameter Invlpg { get; init; }

    /// <summary>INVPCID; null on a processor without it.</summary>
    public Parameter? Invpcid { get; init; }

    /// <summary>A pair of MOV to CR4 that clears and sets PGE.</summary>
    public required Parameter PgeTogglePair { get; init; }

    /// <summary>A locked read-modify-write on a line this processor owns.</summary>
    public required Parameter LockedRmw { get; init; }

    /// <summary>PUSHF and POPF: the floor of saving and restoring the interrupt flag.</summary>
    public required Parameter PushfPopf { get; init; }

    /// <summary>CLI.</summary>
    public required Parameter Cli { get; init; }

    /// <summary>STI.</summary>
    public required Parameter Sti { get; init; }

    /// <summary>Delivery of a page fault, up to the handler's first instruction.</summary>
    public required Parameter PageFaultDelivery { get; init; }

    /// <summary>IRET, from a page fault or an interrupt.</summary>
    public required Parameter PageFaultReturn { get; init; }

    /// <summary>Delivery of an interrupt that arrives in user mode, up to the handler's first instruction.</summary>
    public required Parameter InterruptEntryUser { get; init; }

    /// <summary>Delivery of an interrupt that arrives in kernel mode, up to the handler's first instruction.</summary>
    public required Parameter InterruptEntry { get; init; }

    /// <summary>End-of-interrupt write and the handler's work before the flush.</summary>
    public required Parameter EoiAndHandlerEntry { get; init; }

    /// <summary>The end-of-interrupt write alone, a part of <see cref="EoiAndHandlerEntry"/>; null where it is not told apart.</summary>
    public Parameter? Eoi { get; init; }

    /// <summary>Write to the interrupt command register, an uncached store.</summary>
    public required Parameter IcrWrite { get; init; }

    /// <summary>Finding the interrupt command register idle before it is written; null for nothing.</summary>
    public Parameter? IcrIdleWait { get; init; }

    /// <summary>What interrupt messages travel on.</summary>
    public InterruptBus InterruptBus { get; init; }

    /// <summary>Flight time of an interprocessor interrupt; on a serial bus, how long the message occupies it.</summary>
    public required Parameter IpiWire { get; init; }

    /// <summary>The same to a processor of another package; as near where null or lower.</summary>
    public Parameter? IpiWireFar { get; init; }

    /// <summary>The same with both threads of each core in use; as otherwise where null.</summary>
    public Parameter? IpiWireSmt { get; init; }

    /// <summary>Transfer of the line that carries an acknowledgement.</summary>
    public required Parameter AckTransfer { get; init; }

    /// <summary>The same between packages; as near where null or lower.</summary>
    public Parameter? AckTransferFar { get; init; }

    /// <summary>How far the model may be from the measured load latencies; null if it was never measured.</summary>
    public Tolerance? Tolerance { get; init; }

    /// <summary>
    /// The configuration that an MMU of this processor is built with: that of <see cref="TlbArrays"/>, unless another was set.
    /// </summary>
    [JsonIgnore]
    public TlbConfiguration Tlbs
    {
        get => _tlbs ?? TlbArrays.ToConfiguration();
        init => _tlbs = value;
    }

    /// <summary>Finds the last level of data cache.</summary>
    public CacheGeometry FindLastLevelCache() => L3 ?? L2; // a property would be a member of the file that is silently ignored

    /// <summary>Whether a core can have two logical processors in use.</summary>
    public bool HasSiblings() => (ThreadsPerCore?.Value ?? (IpiWireSmt is null ? 1 : 2)) > 1; // no member of the file either

    /// <summary>Lists every parameter that this model has, in the order of a model file.</summary>
    public IEnumerable<NamedParameter> ListParameters()
    {
        var parameters = new List<NamedParameter>();
        Change(named =>
        {
            parameters.Add(named);
            return named.Parameter;
        });
        return parameters;
    }

    /// <summary>Lists what is known only within a range: the parameters, then the numbers of TLB entries.</summary>
    public IEnumerable<ParameterRange> ListRanges()
    {
        IEnumerable<ParameterRange> parameters = ListParameters().Select(named => new ParameterRange(
            named.Name, named.Parameter.Value, named.Parameter.Low ?? named.Parameter.Value, named.Parameter.High ?? named.Parameter.Value));
        IEnumerable<ParameterRange> entries = TlbArrays.ListArrays().Select(named => new ParameterRange(
            EntriesOf(named), named.Array.Entries, named.Array.Low ?? named.Array.Entries, named.Array.High ?? named.Array.Entries)
        {
            IsEntryCount = true,
        });
        return parameters.Concat(entries).Where(range => range.Low < range.High);
    }

    /// <summary>The same processor with other values of some parameters; their sources and ranges stay.</summary>
    /// <param name="settings">Values for names of <see cref="ListParameters"/>, or of <see cref="ListRanges"/> for TLB entries.</param>
    /// <exception cref="ArgumentException">There is no such parameter, or the value is none of its range.</exception>
    public CpuModel With(params IReadOnlyCollection<ParameterSetting> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Dictionary<string, int> values = settings.ToDictionary(setting => setting.Name, setting => setting.Value);
        CpuModel model = Change(named =>
            values.Remove(named.Name, out int value) ? named.Parameter with { Value = value } : named.Parameter);
        model = model with
        {
            TlbArrays = TlbArrays.Change(named =>
                values.Remove(EntriesOf(named), out int entries) ? named.Array.WithEntries(entries) : named.Array),
        };
        if (values.Count != 0)
        {
            throw new ArgumentException($"{Name} has no parameter {values.First().Key}.", nameof(settings));
        }

        try
        {
            CpuModelValidation.Validate(model);
        }
        catch (InvalidDataException e)
        {
            throw new ArgumentException(e.Message, nameof(settings), e);
        }

        return model;
    }

    private static string EntriesOf(NamedTlbArray array) => $"{array.Name}.entries";

    /// <summary>Replaces parameters; this is the one place that names them all.</summary>
    private CpuModel Change(Func<NamedParameter, Parameter> change)
    {
        return this with
        {
            ThreadsPerCore = Optional("threadsPerCore", ThreadsPerCore),
            L1 = Level("l1", L1),
            L2 = Level("l2", L2),
            L3 = L3 is null ? null : Level("l3", L3),
            Dram = One("dram", Dram),
            WalkFixed = One("walkFixed", WalkFixed),
            LoadLevelMiss = Optional("loadLevelMiss", LoadLevelMiss),
            SecondLevelHit = Optional("secondLevelHit", SecondLevelHit),
            RefillChargedInPercent = Optional("refillChargedInPercent", RefillChargedInPercent),
            AccessedDirtyAssist = One("accessedDirtyAssist", AccessedDirtyAssist),
            MovCr3 = One("movCr3", MovCr3),
            Invlpg = One("invlpg", Invlpg),
            Invpcid = Optional("invpcid", Invpcid),
            PgeTogglePair = One("pgeTogglePair", PgeTogglePair),
            LockedRmw = One("lockedRmw", LockedRmw),
            PushfPopf = One("pushfPopf", PushfPopf),
            Cli = One("cli", Cli),
            Sti = One("sti", Sti),
            PageFaultDelivery = One("pageFaultDelivery", PageFaultDelivery),
            PageFaultReturn = One("pageFaultReturn", PageFaultReturn),
            InterruptEntryUser = One("interruptEntryUser", InterruptEntryUser),
            InterruptEntry = One("interruptEntry", InterruptEntry),
            EoiAndHandlerEntry = One("eoiAndHandlerEntry", EoiAndHandlerEntry),
            Eoi = Optional("eoi", Eoi),
            IcrWrite = One("icrWrite", IcrWrite),
            IcrIdleWait = Optional("icrIdleWait", IcrIdleWait),
            IpiWire = One("ipiWire", IpiWire),
            IpiWireFar = Optional("ipiWireFar", IpiWireFar),
            IpiWireSmt = Optional("ipiWireSmt", IpiWireSmt),
            AckTransfer = One("ackTransfer", AckTransfer),
            AckTransferFar = Optional("ackTransferFar", AckTransferFar),
        };

        Parameter One(string name, Parameter parameter) => change(new NamedParameter(name, parameter));

        Parameter? Optional(string name, Parameter? parameter) => parameter is null ? null : One(name, parameter);

        CacheGeometry Level(string name, CacheGeometry level) =>
            level with { LoadToUse = One($"{name}.loadToUse", level.LoadToUse) };
    }
}
