namespace X86Pae.Specification;

/// <summary>What a processor could see at one time, until something changed; and what it had to drop then.</summary>
public readonly record struct SpecMoment(SpecRegisters Registers, SpecMemory Memory, SpecDrop DroppedAfter);
