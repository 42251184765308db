namespace X86Pae.Smp;

/// <summary>Kinds of <see cref="ProcessorOperation"/>.</summary>
internal enum ProcessorOperationKind : byte
{
    Halt,
    Compute,
    Acquire,
    Release,
    Sleep,
    WakeOne,
    WakeAll,
    DisableInterrupts,
    EnableInterrupts,
    Shootdown,
}
