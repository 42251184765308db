namespace X86Pae.Specification;

/// <summary>On whose behalf an access is made (docs/rules.md, C34).</summary>
public enum SpecMode
{
    User,
    Supervisor,
    SupervisorImplicit,
}
