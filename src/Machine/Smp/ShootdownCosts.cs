using X86Pae.Timing;

namespace X86Pae.Smp;

/// <summary>The parameters of a shootdown as plain numbers, chosen by the options.</summary>
internal sealed class ShootdownCosts
{
    private readonly int _processorsPerPackage;

    public ShootdownCosts(CpuModel model, ShootdownOptions options)
    {
        if (options.ProcessorsPerPackage is { } count)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count, nameof(options));
        }

        if (options.SiblingThreads && !model.HasSiblings())
        {
            throw new ArgumentException($"A core of {model.Name} has one thread, so there are no siblings.", nameof(options));
        }

        if (options is { SiblingThreads: true, ProcessorsPerPackage: { } odd } && odd % 2 != 0)
        {
            throw new ArgumentException(
                $"{nameof(options.ProcessorsPerPackage)} is {odd}: siblings would be in different packages.", nameof(options));
        }

        _processorsPerPackage = options.ProcessorsPerPackage ?? Machine.MaxProcessors;
        HasFarProcessors = _processorsPerPackage < Machine.MaxProcessors;
        LockedRmw = model.LockedRmw.Value;
        IcrIdleWait = model.IcrIdleWait?.Value ?? 0;
        IcrWrite = model.IcrWrite.Value;
        HasSerialBus = model.InterruptBus == InterruptBus.Serial;
        WireNear = (options.SiblingThreads && model.IpiWireSmt is { } wire ? wire : model.IpiWire).Value;
        WireFar = WireNear + Extra(model.IpiWireFar, model.IpiWire);
        TransferNear = model.AckTransfer.Value;
        TransferFar = TransferNear + Extra(model.AckTransferFar, model.AckTransfer);
        EntryFromKernel = model.InterruptEntry.Value;
        EntryFromUser = model.InterruptEntryUser.Value;
        EndOfInterrupt = Math.Min(model.Eoi?.Value ?? 0, model.EoiAndHandlerEntry.Value);
        Handler = model.EoiAndHandlerEntry.Value - EndOfInterrupt;
        Return = model.PageFaultReturn.Value;
    }

    /// <summary>Whether any two processors can be in different packages.</summary>
    public bool HasFarProcessors { get; }

    public int LockedRmw { get; }

    public int IcrIdleWait { get; }

    public int IcrWrite { get; }

    public bool HasSerialBus { get; }

    public int WireNear { get; }

    public int WireFar { get; }

    public int TransferNear { get; }

    public int TransferFar { get; }

    public int EntryFromKernel { get; }

    public int EntryFromUser { get; }

    public int EndOfInterrupt { get; }

    /// <summary>The handler's work between the end-of-interrupt write and the first request.</summary>
    public int Handler { get; }

    public int Return { get; }

    /// <summary>Delivery of an interrupt.</summary>
    public int EntryOf(Processor target) => target.IsInUserMode ? EntryFromUser : EntryFromKernel;

    /// <summary>Whether two processors are in different packages.</summary>
    public bool AreFar(int one, int other) =>
        HasFarProcessors && one / _processorsPerPackage != other / _processorsPerPackage;

    /// <summary>Moving a line from one processor's cache to another's.</summary>
    public int Transfer(int from, int to) => from == to ? 0 : AreFar(from, to) ? TransferFar : TransferNear;

    /// <summary>A message under way.</summary>
    public int Wire(int from, int to) => AreFar(from, to) ? WireFar : WireNear;

    /// <summary>Locked insertions into the queues of some processors, whose lines are in those processors' caches.</summary>
    public long QueueInsertions(int initiator, in ProcessorSet targets)
    {
        int count = targets.Count;
        int far = 0;
        if (HasFarProcessors)
        {
            for (int i = targets.NextFrom(0); i < Machine.MaxProcessors; i = targets.NextFrom(i + 1))
            {
                far += AreFar(initiator, i) ? 1 : 0;
            }
        }

        return ((long)count * (LockedRmw + TransferNear)) + ((long)far * (TransferFar - TransferNear));
    }

    // Whichever of the two a sweep moves, the far cost is no lower than the near one.
    private static int Extra(Parameter? far, Parameter near) => far is null ? 0 : Math.Max(0, far.Value - near.Value);
}
