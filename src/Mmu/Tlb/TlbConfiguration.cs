namespace X86Pae.Tlb;

/// <summary>The translation caches of one logical processor.</summary>
public sealed partial record TlbConfiguration
{
    /// <summary>First level, instruction fetches, 4-KiB pages.</summary>
    public TlbGeometry Instruction4K { get; init; }

    /// <summary>First level, instruction fetches, large pages.</summary>
    public TlbGeometry InstructionLarge { get; init; }

    /// <summary>First level, data, 4-KiB pages.</summary>
    public TlbGeometry Data4K { get; init; }

    /// <summary>First level, data, large pages.</summary>
    public TlbGeometry DataLarge { get; init; }

    /// <summary>A small level before the first that only loads use, 4-KiB pages (DTLB0 of Core 2).</summary>
    public TlbGeometry Load4K { get; init; }

    /// <summary>The same for large pages.</summary>
    public TlbGeometry LoadLarge { get; init; }

    /// <summary>Second level, data, 4-KiB pages.</summary>
    public TlbGeometry SecondData4K { get; init; }

    /// <summary>Second level, data, large pages.</summary>
    public TlbGeometry SecondDataLarge { get; init; }

    /// <summary>Second level, instruction fetches, 4-KiB pages; none where <see cref="SecondIsUnified"/>.</summary>
    public TlbGeometry SecondInstruction4K { get; init; }

    /// <summary>Second level, instruction fetches, large pages; none where <see cref="SecondIsUnified"/>.</summary>
    public TlbGeometry SecondInstructionLarge { get; init; }

    /// <summary>Whether the first-level instruction array of 4-KiB pages holds large pages as well (Pentium 4, Zen).</summary>
    public bool InstructionSizesShare { get; init; }

    /// <summary>Whether the first-level data array of 4-KiB pages holds large pages as well (Pentium 4, K10, Zen).</summary>
    public bool DataSizesShare { get; init; }

    /// <summary>Whether the second-level array of 4-KiB pages holds large pages as well (Haswell and later, Zen).</summary>
    public bool SecondSizesShare { get; init; }

    /// <summary>Whether the second-level data arrays serve instruction fetches as well (Nehalem and later).</summary>
    public bool SecondIsUnified { get; init; }

    /// <summary>Page-directory entries that point to tables, kept to shorten walks.</summary>
    public TlbGeometry PdeCache { get; init; }

    /// <summary>
    /// Whether a large page is kept as the 4-KiB pieces that were used, in the arrays of 4-KiB pages (Intel SDM vol. 3, 4.10.2.3).
    /// What drops the page drops all of them.
    /// </summary>
    public bool SplintersLargePages { get; init; }

    /// <summary>
    /// Whether an untimed MMU asks a direct-mapped cache of 1,024 recent translations before everything else, which leads
    /// straight to host memory. It is one more cache: it may hold what the modelled ones have lost. Some 65 KiB.
    /// </summary>
    public bool HostCached { get; init; }

    /// <summary>
    /// Whether entries keep which translation filled them, so that an explanation says since when they are held; 4 bytes each. The
    /// processors of a machine, of which there may be a thousand, go without.
    /// </summary>
    public bool NumbersFills { get; init; } = true;

    /// <summary>Random disturbances; null for none.</summary>
    public TlbRandomization? Randomization { get; init; }

    /// <summary>Whether there is a level that only loads use, for pages of either size.</summary>
    public bool HasLoadLevel => Load4K.Sets != 0 || LoadLarge.Sets != 0;

    /// <summary>Whether there is a second level, for data or instructions and for pages of either size.</summary>
    public bool HasSecondLevel =>
        SecondData4K.Sets != 0 || SecondDataLarge.Sets != 0 || SecondInstruction4K.Sets != 0 || SecondInstructionLarge.Sets != 0;

    /// <summary>Gives the caches of one of two logical processors of a core: half of each array that is partitioned.</summary>
    /// <returns>A configuration for both MMUs of the core.</returns>
    public TlbConfiguration ForSiblings() => this with
    {
        Instruction4K = Instruction4K.ForSibling,
        InstructionLarge = InstructionLarge.ForSibling,
        Data4K = Data4K.ForSibling,
        DataLarge = DataLarge.ForSibling,
        Load4K = Load4K.ForSibling,
        LoadLarge = LoadLarge.ForSibling,
        SecondData4K = SecondData4K.ForSibling,
        SecondDataLarge = SecondDataLarge.ForSibling,
        SecondInstruction4K = SecondInstruction4K.ForSibling,
        SecondInstructionLarge = SecondInstructionLarge.ForSibling,
        PdeCache = PdeCache.ForSibling,
    };

    /// <summary>Rejects arrays that cannot exist.</summary>
    /// <exception cref="ArgumentException">An array cannot exist; the message names it.</exception>
    internal void Validate()
    {
        foreach ((string name, TlbGeometry geometry) in (ReadOnlySpan<(string, TlbGeometry)>)
        [
            (nameof(Instruction4K), Instruction4K),
            (nameof(InstructionLarge), InstructionLarge),
            (nameof(Data4K), Data4K),
            (nameof(DataLarge), DataLarge),
            (nameof(Load4K), Load4K),
            (nameof(LoadLarge), LoadLarge),
            (nameof(SecondData4K), SecondData4K),
            (nameof(SecondDataLarge), SecondDataLarge),
            (nameof(SecondInstruction4K), SecondInstruction4K),
            (nameof(SecondInstructionLarge), SecondInstructionLarge),
            (nameof(PdeCache), PdeCache),
        ])
        {
            if (geometry.Problem is { } problem)
            {
                throw new ArgumentException($"{name}: {problem}", "tlbs");
            }
        }
    }
}
