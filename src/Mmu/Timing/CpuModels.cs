namespace X86Pae.Timing;

/// <summary>The CPU models that are built in.</summary>
public static class CpuModels
{
    private const string LoadLatency = "load latency grid (InstLatx64)";
    private const string UserInstructions = "instruction latencies (InstLatx64)";
    private const string NoMeasurement = "no published measurement; sweep";

    /// <summary>Intel Core Duo (Yonah), 2.0 GHz, 2006: the last 32-bit-only Intel core, two cores on one 2-MiB L2.</summary>
    public static CpuModel CoreDuo { get; } = new()
    {
        Name = "core-duo",
        FrequencyInMHz = 2000,
        LineSizeInBytes = 64,
        L1 = new(32, 8, new(3, Confidence.Found, LoadLatency)),
        L2 = new(2048, 8, new(14, Confidence.Found, LoadLatency)),
        Dram = new(235, Confidence.Derived, "248 at 4-KiB stride less the modelled walk (InstLatx64)"),
        Tlbs = new() // CPUID leaf 2 of the part (InstLatx64)
        {
            Instruction4K = new(Sets: 32, Ways: 4),
            InstructionLarge = new(Sets: 1, Ways: 2),
            Data4K = new(Sets: 32, Ways: 4),
            DataLarge = new(Sets: 2, Ways: 4),
            PdeCache = new(Sets: 1, Ways: 16), // estimated, 8 to 32
        },
        WalkFixed = new(2, Confidence.Derived, "5-cycle miss with the PTE in L1, less the 3-cycle load (InstLatx64)"),
        AccessedDirtyAssist = new(120, Confidence.Estimated, NoMeasurement, 60, 300),
        MovCr3 = new(150, Confidence.Estimated, NoMeasurement, 90, 250),
        Invlpg = new(150, Confidence.Estimated, NoMeasurement, 70, 280),
        PgeTogglePair = new(750, Confidence.Estimated, NoMeasurement, 400, 1100),
        LockedRmw = new(21, Confidence.Found, UserInstructions),
        PushfPopf = new(24, Confidence.Found, UserInstructions),
        Cli = new(9, Confidence.Recalled, "as on Pentium III"),
        InterruptEntry = new(400, Confidence.Estimated, NoMeasurement),
        InterruptReturn = new(240, Confidence.Found, "IRET of a page fault on Core Duo (L. Torvalds, 30 April 2014)"),
        EoiAndHandlerEntry = new(80, Confidence.Estimated, NoMeasurement),
        IcrWrite = new(80, Confidence.Estimated, NoMeasurement),
        IpiWire = new(250, Confidence.Estimated, NoMeasurement, 100, 500),
        AckTransfer = new(60, Confidence.Estimated, "line transfer through the shared L2; sweep"),
    };

    /// <summary>All models, in the order in which they are listed.</summary>
    public static IReadOnlyList<CpuModel> All { get; } = [CoreDuo];

    /// <summary>Finds a model by name.</summary>
    /// <param name="name">The name, such as <c>core-duo</c>.</param>
    /// <returns>The model, or null if there is none of that name.</returns>
    public static CpuModel? Find(string name) => All.FirstOrDefault(model => model.Name == name);
}
