namespace X86Pae.Reference.Specification;

/// <summary>The table of access rights, row by row (rule C20).</summary>
internal static class SpecRights
{
    /// <summary>Whether an access to a page with the combined rights U, W and XD is denied.</summary>
    public static bool Denied(SpecAccess access, bool user, bool writable, bool executeDisable, bool wp, bool smep, bool smap)
    {
        bool overridden = access.AlignmentCheck && access.Mode == SpecMode.Supervisor;
        bool smapDenies = smap && !overridden;
        bool wpDenies = wp && !writable;

        return (access.IsUser, access.Kind, user) switch
        {
            (true, SpecKind.Read, _) => !user,
            (true, SpecKind.Fetch, _) => !user || executeDisable,
            (true, _, _) => !user || !writable,
            (false, SpecKind.Read, false) => false,
            (false, SpecKind.Read, true) => smapDenies,
            (false, SpecKind.Fetch, false) => executeDisable,
            (false, SpecKind.Fetch, true) => smep || executeDisable,
            (false, _, false) => wpDenies,
            (false, _, true) => smapDenies || wpDenies,
        };
    }
}
