namespace X86Pae.Tests.Specification;

/// <summary>On whose behalf an access is made (pae-paging 1.4).</summary>
internal enum SpecMode
{
    User,
    Supervisor,
    SupervisorImplicit,
}
