namespace X86Pae.Fuzzing;

/// <summary>One step of a scenario; what the two numbers mean depends on the kind.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Address">Physical address of an entry, or the linear address of an access or an invalidation.</param>
/// <param name="Value">The value written, or what is flipped; for INVPCID its type, and the PCID from bit 8 on.</param>
/// <param name="Access">The access.</param>
/// <param name="Processor">Which processor does it.</param>
/// <param name="Size">Size of an operand in bytes.</param>
public readonly record struct ScenarioStep(
    StepKind Kind, ulong Address, ulong Value, SpecAccess Access, int Processor = 0, int Size = 0)
{
    /// <summary>Whether something is compared after this step, beyond memory and registers staying as they are.</summary>
    public bool IsCase => Kind is not (StepKind.StoreEntry32 or StepKind.StoreEntry64 or StepKind.FlipEntry64);

    public override string ToString() => $"CPU {Processor}: {Text()}";

    private string Text() => Kind switch
    {
        StepKind.Access => $"{Who()} translates {Address:X8} for {Access.Kind} byte {Value:X2}",
        StepKind.Operand => $"{Who()} {Access.Kind} {Size} bytes at {Address:X8} value {Value:X}",
        StepKind.CompareExchange => $"{Who()} CompareExchange {Size} bytes at {Address:X8} value {Value:X}",
        StepKind.StoreEntry64 => $"[{Address:X}] = {Value:X16}",
        StepKind.StoreEntry32 => $"[{Address:X}] = {Value:X8}",
        StepKind.FlipEntry64 => $"[{Address:X}] ^= {Value:X16}",
        StepKind.Invlpg => $"INVLPG {Address:X8}",
        StepKind.Invpcid => $"INVPCID type {Value & 0xFF} PCID {Value >> 8:X} address {Address:X}",
        _ => $"{Kind} {Value:X}",
    };

    private string Who() => $"{Access.Mode}{(Access.AlignmentCheck ? " AC" : "")}";
}
