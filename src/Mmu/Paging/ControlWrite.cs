namespace X86Pae.Paging;

/// <summary>Outcome of a write to a control register or model-specific register.</summary>
/// <param name="GeneralProtection">#GP(0): nothing has changed, and nothing is to be invalidated.</param>
/// <param name="Invalidation">What the caches must drop after a write that succeeded.</param>
/// <param name="PdptesLoaded">Whether the four PDPTE registers were loaded from memory.</param>
public readonly record struct ControlWrite(bool GeneralProtection, Invalidation Invalidation, bool PdptesLoaded = false)
{
    /// <summary>The write was refused with #GP(0).</summary>
    internal static ControlWrite Refused => new(GeneralProtection: true, Invalidation.None);
}
