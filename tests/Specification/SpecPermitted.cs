namespace X86Pae.Specification;

/// <summary>A permitted outcome of an access, and the entries in which that way to it sets flags.</summary>
/// <param name="Outcome">The outcome; its D is set exactly for a write, since a cached D is nobody's business.</param>
/// <param name="Pde">Address of the directory entry in which A is set; <see cref="None"/> where it is not read.</param>
/// <param name="Leaf">Address of the leaf in which A, and D for a write, is set; <see cref="None"/> where it is not.</param>
public readonly record struct SpecPermitted(SpecOutcome Outcome, ulong Pde, ulong Leaf)
{
    public const ulong None = ulong.MaxValue;

    public override string ToString() => $"{Outcome}{At("PDE", Pde)}{At("leaf", Leaf)}";

    private static string At(string entry, ulong address) => address == None ? "" : $", flags in {entry} at {address:X}";
}
