using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

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
