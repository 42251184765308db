namespace X86Pae.Tests.Specification;

/// <summary>What an access does.</summary>
internal enum SpecKind
{
    Read,
    Write,
    Fetch,
    ReadModifyWrite,
}
