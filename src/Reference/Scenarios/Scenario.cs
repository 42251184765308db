using X86Pae.Reference.Specification;

namespace X86Pae.Reference.Scenarios;

/// <summary>What one step of a scenario does.</summary>
internal enum StepKind
{
    StoreEntry64,
    StoreEntry32,
    FlipEntry64,
    WriteCr0,
    WriteCr3,
    WriteCr4,
    WriteEfer,
    WritePat,
    MaskA20,
    SwitchTask,
    Invlpg,
    Invpcid,

    /// <summary>A translation alone.</summary>
    Access,

    /// <summary>A load, fetch, store or read-modify-write of some bytes.</summary>
    Operand,

    /// <summary>A locked compare-exchange.</summary>
    CompareExchange,

    /// <summary>Every processor drops everything, after which it must see what is in memory.</summary>
    FlushAll,
}

/// <summary>One step of a scenario; what the two numbers mean depends on the kind.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Address">Physical address of an entry, or the linear address of an access or an invalidation.</param>
/// <param name="Value">The value written, or what is flipped; for INVPCID its type, and the PCID from bit 8 on.</param>
/// <param name="Access">The access.</param>
/// <param name="Processor">Which processor does it.</param>
/// <param name="Size">Size of an operand in bytes.</param>
internal readonly record struct ScenarioStep(
    StepKind Kind, ulong Address, ulong Value, SpecAccess Access, int Processor = 0, int Size = 0)
{
    /// <summary>Whether something is compared after this step, beyond memory and registers staying as they are.</summary>
    public bool IsCase => Kind is not (StepKind.StoreEntry32 or StepKind.StoreEntry64 or StepKind.FlipEntry64);

    /// <summary>The register that a register write writes.</summary>
    public SpecRegister Register => Kind switch
    {
        StepKind.WriteCr0 => SpecRegister.Cr0,
        StepKind.WriteCr3 => SpecRegister.Cr3,
        StepKind.WriteCr4 => SpecRegister.Cr4,
        StepKind.WriteEfer => SpecRegister.Efer,
        _ => SpecRegister.Pat,
    };

    public override string ToString() => $"CPU {Processor}: {Text()}";

    private string Text() => Kind switch
    {
        StepKind.Access => $"{Who()} translates {Address:X8} for {Access.Kind}{(Value == 0 ? "" : $" byte {Value:X2}")}",
        StepKind.Operand => $"{Who()} {Access.Kind} {Size} bytes at {Address:X8} value {Value:X}",
        StepKind.CompareExchange => $"{Who()} CompareExchange {Size} bytes at {Address:X8} value {Value:X}",
        StepKind.StoreEntry64 => $"[{Address:X}] = {Value:X16}",
        StepKind.StoreEntry32 => $"[{Address:X}] = {Value:X8}",
        StepKind.FlipEntry64 => $"[{Address:X}] ^= {Value:X16}",
        StepKind.WriteCr0 or StepKind.WriteCr3 or StepKind.WriteCr4 or StepKind.WriteEfer or StepKind.WritePat =>
            $"{Register.ToString().ToUpperInvariant()} = {Value:X}",
        StepKind.MaskA20 => $"A20M# {(Value == 0 ? "off" : "on")}",
        StepKind.SwitchTask => $"task switch to CR3 = {Value:X}",
        StepKind.Invlpg => $"INVLPG {Address:X8}",
        StepKind.Invpcid => $"INVPCID type {Value & 0xFF} PCID {Value >> 8:X} address {Address:X}",
        _ => "flush of everything",
    };

    private string Who() => $"{Access.Mode}{(Access.AlignmentCheck ? " AC" : "")}";
}

/// <summary>Processors, their memory's open-bus value, and the steps to take from reset on.</summary>
internal sealed record Scenario(SpecFeatures Features, SpecOptions Options, byte OpenBus, IReadOnlyList<ScenarioStep> Steps)
{
    /// <summary>Physical address of a page that table entries do not lead to.</summary>
    public const uint SeparatePdptPage = 0x1_8000;

    /// <summary>Size of the memory: page tables, and a little of what they map.</summary>
    public int MemorySizeInBytes => Caches is not null && Options.PdpteOnDemand ? 0x1_9000 : 0x8000;

    /// <summary>Translation caches of each processor of the library; null where the walker is tested alone.</summary>
    public CacheSetup? Caches { get; init; }

    /// <summary>Number of processors that share the memory.</summary>
    public int Processors { get; init; } = 1;

    /// <summary>The pages that are accessed.</summary>
    public IReadOnlyList<uint> Pages { get; init; } = [];

    /// <summary>The scenario with some of its steps left out: halves first, then single steps.</summary>
    public IEnumerable<Scenario> Smaller()
    {
        for (int length = Steps.Count / 2; length >= 1; length /= 2)
        {
            for (int start = 0; start + length <= Steps.Count; start += length)
            {
                yield return this with { Steps = [.. Steps.Take(start), .. Steps.Skip(start + length)] };
            }
        }
    }

    /// <summary>Features, choices and memory in one line, and the library's caches where it is the library that is tested.</summary>
    public string Setup(bool ofLibrary)
    {
        string caches = ofLibrary && Caches is not null ? $"; {Processors} processors with {Caches}" : "";
        return $"{Features}; {Options}; open bus {OpenBus:X2}{caches}";
    }

    public override string ToString() => string.Join(
        Environment.NewLine, Steps.Select(step => step.ToString()).Prepend(Setup(ofLibrary: true)));
}
