using X86Pae.Timing;

namespace X86Pae.Tests.Smp;

/// <summary>Costs of a made-up processor; small, so that equal clocks are common.</summary>
internal sealed record NaiveCosts(
    int Locked, int Idle, int Write, bool Serial, int Wire, int WireFar, int Entry, int EntryUser, int Eoi, int Handler, int Return,
    int Transfer, int TransferFar, int Cli, int Sti, int Invlpg)
{
    public static NaiveCosts Random(Random random)
    {
        int Next() => random.Next(6);
        int wire = Next();
        int transfer = Next();
        return new NaiveCosts(
            Next(), Next(), Next(), random.Next(3) == 0, wire, wire + Next(), Next(), Next(), Next(), Next(), Next(), transfer,
            transfer + Next(), Next(), Next(), Next());
    }

    public CpuModel ToModel() => CpuModels.CoreDuo with
    {
        LockedRmw = Cost(Locked),
        IcrIdleWait = Cost(Idle),
        IcrWrite = Cost(Write),
        InterruptBus = Serial ? InterruptBus.Serial : InterruptBus.System,
        IpiWire = Cost(Wire),
        IpiWireFar = Cost(WireFar),
        InterruptEntry = Cost(Entry),
        InterruptEntryUser = Cost(EntryUser),
        Eoi = Cost(Eoi),
        EoiAndHandlerEntry = Cost(Eoi + Handler),
        PageFaultReturn = Cost(Return),
        AckTransfer = Cost(Transfer),
        AckTransferFar = Cost(TransferFar),
        Cli = Cost(Cli),
        Sti = Cost(Sti),
        Invlpg = Cost(Invlpg),
    };

    private static Parameter Cost(int value) =>
        new() { Value = value, Confidence = Confidence.Estimated, Source = "made up" };
}
