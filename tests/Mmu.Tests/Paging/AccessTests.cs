using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>What becomes of an access where a peer treats it differently: EFLAGS.AC of implicit accesses, reads of updates.</summary>
public sealed class AccessTests
{
    private static readonly AccessKind[] Kinds = Enum.GetValues<AccessKind>();

    // C20, C34. Bochs and QEMU evaluate AC for implicit accesses as for explicit ones; for all others nothing changes.
    [Fact]
    public void HonouringAlignmentCheck_ImplicitDataAccessWithAc_IsExplicit()
    {
        foreach (AccessKind kind in Kinds)
        {
            foreach (AccessMode mode in Enum.GetValues<AccessMode>())
            {
                foreach (bool ac in new[] { false, true })
                {
                    var access = new Access(kind, mode, ac);
                    bool changes = mode == AccessMode.SupervisorImplicit && ac && kind != AccessKind.Fetch;

                    Assert.Equal(
                        changes ? new Access(kind, AccessMode.Supervisor, alignmentCheck: true) : access,
                        access.HonouringAlignmentCheck);
                }
            }
        }
    }

    // C45. The read half of a read-modify-write is on the same behalf, with the same AC.
    [Fact]
    public void AsRead_AnyDataAccess_KeepsModeAndAc()
    {
        foreach (AccessMode mode in Enum.GetValues<AccessMode>())
        {
            foreach (bool ac in new[] { false, true })
            {
                Assert.Equal(
                    new Access(AccessKind.Read, mode, ac), new Access(AccessKind.ReadModifyWrite, mode, ac).AsRead);
            }
        }
    }

    // C20. SMAP lets explicit supervisor data accesses with AC pass, and no others.
    [Fact]
    public void OverridesSmap_AnyAccess_IsForExplicitDataAccessesWithAc()
    {
        foreach (AccessKind kind in Kinds)
        {
            foreach (AccessMode mode in Enum.GetValues<AccessMode>())
            {
                Assert.False(new Access(kind, mode).OverridesSmap);
                Assert.Equal(
                    mode == AccessMode.Supervisor && kind != AccessKind.Fetch,
                    new Access(kind, mode, alignmentCheck: true).OverridesSmap);
            }
        }
    }
}
