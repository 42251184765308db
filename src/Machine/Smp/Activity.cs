namespace X86Pae.Smp;

/// <summary>What a processor's program is at, apart from interrupts that it takes in between.</summary>
internal enum Activity : byte
{
    /// <summary>It has completed an operation and is asked for the next one.</summary>
    Asking,

    /// <summary>It has named an operation, which begins now.</summary>
    Performing,

    /// <summary>It computes, and any interrupt interrupts it.</summary>
    Computing,

    /// <summary>It waits for a lock.</summary>
    Locking,

    /// <summary>It sleeps on a wait channel.</summary>
    Sleeping,

    /// <summary>Shootdown: it does its own part before anything else.</summary>
    FlushingFirst,

    /// <summary>Shootdown: it hands its request over.</summary>
    SettingUp,

    /// <summary>Shootdown: its requests become visible to all targets; the end of the step before, and not to be interrupted.</summary>
    Inserting,

    /// <summary>Shootdown: it waits until its command register is idle, and writes it.</summary>
    Writing,

    /// <summary>Shootdown: its message leaves; the end of the step before, and not to be interrupted.</summary>
    Leaving,

    /// <summary>Shootdown: it does its own part.</summary>
    FlushingLocally,

    /// <summary>Shootdown: it waits for acknowledgements.</summary>
    Waiting,

    /// <summary>Its program has ended.</summary>
    Halted,
}
