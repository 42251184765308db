using Iced.Intel;

namespace X86Pae.GuestRunner.Instructions;

/// <summary>Executes one instruction.</summary>
/// <param name="instruction">The decoded instruction.</param>
/// <returns>False if an exception is pending, or the run has ended: then the instruction has changed nothing.</returns>
internal delegate bool Handler(in Instruction instruction);
