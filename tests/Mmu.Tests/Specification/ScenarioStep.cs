namespace X86Pae.Tests.Specification;

/// <summary>One step of a scenario; what the two numbers mean depends on the kind.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Address">Physical address of an entry, or the linear address of an access.</param>
/// <param name="Value">The value written; for an access that writes, the byte stored where it leads.</param>
/// <param name="Access">The access.</param>
internal readonly record struct ScenarioStep(StepKind Kind, ulong Address, ulong Value, SpecAccess Access)
{
    public override string ToString() => Kind switch
    {
        StepKind.Access => $"{Access.Mode} {Access.Kind}{(Access.AlignmentCheck ? " AC" : "")} {Address:X8} byte {Value:X2}",
        StepKind.StoreEntry64 => $"[{Address:X}] = {Value:X16}",
        StepKind.StoreEntry32 => $"[{Address:X}] = {Value:X8}",
        _ => $"{Kind} {Value:X}",
    };
}
