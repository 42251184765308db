namespace X86Pae.Specification;

/// <summary>What stops a walk before rights are looked at (pae-paging 4.3).</summary>
public enum SpecProblem
{
    None,
    NotPresent,
    Reserved,
}
