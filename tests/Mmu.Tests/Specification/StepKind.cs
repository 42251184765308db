namespace X86Pae.Tests.Specification;

/// <summary>What one step of a scenario does.</summary>
internal enum StepKind
{
    StoreEntry64,
    StoreEntry32,
    WriteCr0,
    WriteCr3,
    WriteCr4,
    WriteEfer,
    WritePat,
    MaskA20,
    Access,
}
