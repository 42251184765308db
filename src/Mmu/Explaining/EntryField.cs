namespace X86Pae.Explaining;

/// <summary>A field of a page-table entry, decoded.</summary>
/// <param name="Name">The manual's name of it, as R/W; the rest is <c>ignored</c>, <c>reserved</c> or <c>software</c>.</param>
/// <param name="HighBit">Its highest bit, 0 to 63.</param>
/// <param name="LowBit">Its lowest bit, 0 to 63.</param>
/// <param name="Value">Its value, shifted down to bit 0.</param>
/// <param name="Use">What the processor does with it.</param>
/// <param name="Note">Why it is reserved or ignored, where that depends on more than the format; otherwise empty.</param>
public readonly record struct EntryField(string Name, int HighBit, int LowBit, ulong Value, FieldUse Use, string Note);
