namespace X86Pae.Specification;

/// <summary>What an access does.</summary>
public enum SpecKind
{
    Read,
    Write,
    Fetch,
    ReadModifyWrite,
}
