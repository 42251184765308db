namespace X86Pae.Specification;

/// <summary>Outcome of a register write: #GP(0) with nothing changed, or what has happened.</summary>
public readonly record struct SpecWrite(bool GeneralProtection, bool PdptesLoaded, SpecInvalidation Required)
{
    public static SpecWrite Refused => new(GeneralProtection: true, PdptesLoaded: false, SpecInvalidation.None);
}
