using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>One of the sixteen accesses of a product: four kinds by user, supervisor, supervisor with AC, implicit.</summary>
internal readonly record struct ProductAccess(Access Access, bool Write, bool Fetch, bool User, bool OverridesSmap)
{
    /// <summary>All sixteen.</summary>
    public static ProductAccess[] All { get; } = [.. Enumerable.Range(0, 16).Select(FromIndex)];

    private static ProductAccess FromIndex(int index)
    {
        var kind = (AccessKind)(index & 3);
        AccessMode mode = (index >> 2) switch
        {
            0 => AccessMode.User,
            3 => AccessMode.SupervisorImplicit,
            _ => AccessMode.Supervisor,
        };

        // AC is set where it must not matter, too: for user and implicit accesses.
        bool explicitWithAc = index >> 2 == 2;
        return new ProductAccess(
            new Access(kind, mode, alignmentCheck: index >> 2 != 1),
            Write: kind is AccessKind.Write or AccessKind.ReadModifyWrite,
            Fetch: kind == AccessKind.Fetch,
            User: mode == AccessMode.User,
            OverridesSmap: explicitWithAc);
    }
}
