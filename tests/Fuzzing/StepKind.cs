namespace X86Pae.Fuzzing;

/// <summary>What one step of a scenario does.</summary>
public enum StepKind
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
