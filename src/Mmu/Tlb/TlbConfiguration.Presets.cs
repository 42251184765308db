namespace X86Pae.Tlb;

/// <content>Configurations to begin with.</content>
public sealed partial record TlbConfiguration
{
    /// <summary>No translation caches at all: every access walks, so every change to the tables is seen at once.</summary>
    public static TlbConfiguration Coherent { get; } = new();

    /// <summary>
    /// One entry for each page: nothing is ever evicted, so a stale translation lives until software invalidates it.
    /// Best at exposing a missing invalidation; some 40 MiB for each processor.
    /// </summary>
    public static TlbConfiguration MaximallyStale { get; } = new()
    {
        Instruction4K = new(1 << 20, 1),
        InstructionLarge = new(1 << 11, 1),
        Data4K = new(1 << 20, 1),
        DataLarge = new(1 << 11, 1),
        PdeCache = new(1 << 11, 1),
    };

    /// <summary>
    /// Arrays as small and as shaped as a real processor's, those of a Core Duo: entries are evicted, and are missed or come back
    /// changed where software relied on one. The configurations of the CPU models are others of the kind.
    /// </summary>
    public static TlbConfiguration Finite { get; } = new()
    {
        Instruction4K = new(32, 4),
        InstructionLarge = new(1, 2, Replacement.Lru),
        Data4K = new(32, 4),
        DataLarge = new(2, 4),
        PdeCache = new(1, 16, Replacement.Lru),
    };

    /// <summary>
    /// Nothing modelled, and recent translations kept as the host wants them: the fastest MMU, for emulators that do not
    /// measure. Entries live until software invalidates them or their place is needed.
    /// </summary>
    public static TlbConfiguration Functional { get; } = new() { HostCached = true };

    /// <summary>
    /// A small cache that loses entries and fills others at random: what must hold for any processor, holds here.
    /// </summary>
    /// <param name="seed">Start of the random sequence.</param>
    public static TlbConfiguration Randomized(ulong seed) => new()
    {
        Instruction4K = new(4, 2),
        InstructionLarge = new(1, 2),
        Data4K = new(4, 4),
        DataLarge = new(2, 2),
        PdeCache = new(1, 4),
        Randomization = new TlbRandomization(seed),
    };
}
