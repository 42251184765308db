namespace X86Pae.GuestRunner.Accesses;

/// <summary>What an instruction makes of its destination: the same for a register and for memory of any width.</summary>
/// <remarks>
/// A struct that carries the other operands in, and flags and the old value out. It must not touch the processor: what it
/// computes becomes true only if the access did not fault.
/// </remarks>
internal interface IOperation
{
    /// <summary>Computes the new value.</summary>
    /// <param name="value">The old one, extended with zeros.</param>
    uint Apply(uint value);
}
