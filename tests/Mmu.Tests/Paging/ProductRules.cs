using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>Rights and error code in closed form, over plain booleans (docs/rules.md, C20, C30, C31).</summary>
internal static class ProductRules
{
    /// <summary>The pure predicate of section 4.2.</summary>
    public static bool Denied(in ProductAccess access, in ProductControls controls, bool user, bool writable, bool executeDisable)
    {
        if (access.Fetch)
        {
            return executeDisable || (access.User ? !user : controls.Smep && user);
        }

        return (access.User && !user)
            || (!access.User && user && controls.Smap && !access.OverridesSmap)
            || (access.Write && !writable && (access.User || controls.WriteProtect));
    }

    /// <summary>The error code of section 4.4.</summary>
    public static uint ErrorCode(in ProductAccess access, ProductOutcome outcome, bool fetchReported) =>
        (outcome is ProductOutcome.PdeNotPresent or ProductOutcome.PteNotPresent ? 0u : 1u)
        | (access.Write ? 2u : 0)
        | (access.User ? 4u : 0)
        | (outcome is ProductOutcome.PdeReserved or ProductOutcome.PteReserved ? 8u : 0)
        | (access.Fetch && fetchReported ? 16u : 0);
}

/// <summary>Where a walk ends, in the order of the checks (docs/rules.md, C31).</summary>
internal enum ProductOutcome
{
    PdeNotPresent,
    PdeReserved,
    PteNotPresent,
    PteReserved,
    Denied,
    Translated,
}

/// <summary>All that one case of a product must come to.</summary>
internal readonly record struct ProductExpectation(
    ProductOutcome Outcome, uint ErrorCode, ulong PhysicalAddress, PageAttributes Attributes, ulong Pde, ulong Pte)
{
    /// <summary>Compares without allocating; the entries are those in memory after the walk.</summary>
    public bool Matches(WalkResult result, uint linear, ulong pde, ulong pte)
    {
        bool same = Outcome == ProductOutcome.Translated
            ? !result.IsFault && result.PhysicalAddress == PhysicalAddress && result.Attributes == Attributes
            : result.IsFault && (uint)result.Fault.ErrorCode == ErrorCode && result.Fault.Cr2 == linear;
        return same && pde == Pde && pte == Pte;
    }
}
