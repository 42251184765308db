namespace X86Pae.GuestRunner.Processor;

/// <summary>GDTR or IDTR.</summary>
/// <param name="Base">Linear address of the table.</param>
/// <param name="Limit">Offset of its last byte.</param>
internal readonly record struct TableRegister(uint Base, ushort Limit);
