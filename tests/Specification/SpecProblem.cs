namespace X86Pae.Specification;

/// <summary>What stops a walk before rights are looked at (docs/rules.md, C31).</summary>
public enum SpecProblem
{
    None,
    NotPresent,
    Reserved,
}
