namespace X86Pae.Specification;

/// <summary>On whose behalf an access is made (pae-paging 1.4).</summary>
public enum SpecMode
{
    User,
    Supervisor,
    SupervisorImplicit,
}
