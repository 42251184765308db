namespace X86Pae.Tests.Embedding;

/// <summary>A host's own kinds of access.</summary>
public enum MpuAccess
{
    Read,
    Write,
    InstructionFetch,
}
