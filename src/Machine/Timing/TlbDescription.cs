using X86Pae.Tlb;

namespace X86Pae.Timing;

/// <summary>The translation caches of a CPU model; null is an array that the processor does not have.</summary>
/// <remarks>See <see cref="TlbConfiguration"/> for what each array serves.</remarks>
public sealed record TlbDescription
{
    /// <summary>First level, instruction fetches, 4-KiB pages.</summary>
    public TlbArray? Instruction4K { get; init; }

    /// <summary>First level, instruction fetches, large pages.</summary>
    public TlbArray? InstructionLarge { get; init; }

    /// <summary>Whether the array above serves both sizes.</summary>
    public bool InstructionSizesShare { get; init; }

    /// <summary>A level before the first that only loads use, 4-KiB pages.</summary>
    public TlbArray? Load4K { get; init; }

    /// <summary>The same for large pages.</summary>
    public TlbArray? LoadLarge { get; init; }

    /// <summary>First level, data, 4-KiB pages.</summary>
    public TlbArray? Data4K { get; init; }

    /// <summary>First level, data, large pages.</summary>
    public TlbArray? DataLarge { get; init; }

    /// <summary>Whether the data array of 4-KiB pages serves both sizes.</summary>
    public bool DataSizesShare { get; init; }

    /// <summary>Second level, instruction fetches, 4-KiB pages.</summary>
    public TlbArray? SecondInstruction4K { get; init; }

    /// <summary>Second level, instruction fetches, large pages.</summary>
    public TlbArray? SecondInstructionLarge { get; init; }

    /// <summary>Second level, data, 4-KiB pages.</summary>
    public TlbArray? SecondData4K { get; init; }

    /// <summary>Second level, data, large pages.</summary>
    public TlbArray? SecondDataLarge { get; init; }

    /// <summary>Whether the second-level data array of 4-KiB pages serves both sizes.</summary>
    public bool SecondSizesShare { get; init; }

    /// <summary>Whether the second-level data arrays serve instruction fetches as well.</summary>
    public bool SecondIsUnified { get; init; }

    /// <summary>Page-directory entries that point to tables.</summary>
    public TlbArray? PdeCache { get; init; }

    /// <summary>Lists every array that there is, in the order of a model file.</summary>
    public IEnumerable<NamedTlbArray> ListArrays()
    {
        var arrays = new List<NamedTlbArray>();
        Change(named =>
        {
            arrays.Add(named);
            return named.Array;
        });
        return arrays;
    }

    /// <summary>Replaces arrays.</summary>
    internal TlbDescription Change(Func<NamedTlbArray, TlbArray> change)
    {
        return this with
        {
            Instruction4K = One("tlbs.instruction4K", Instruction4K),
            InstructionLarge = One("tlbs.instructionLarge", InstructionLarge),
            Load4K = One("tlbs.load4K", Load4K),
            LoadLarge = One("tlbs.loadLarge", LoadLarge),
            Data4K = One("tlbs.data4K", Data4K),
            DataLarge = One("tlbs.dataLarge", DataLarge),
            SecondInstruction4K = One("tlbs.secondInstruction4K", SecondInstruction4K),
            SecondInstructionLarge = One("tlbs.secondInstructionLarge", SecondInstructionLarge),
            SecondData4K = One("tlbs.secondData4K", SecondData4K),
            SecondDataLarge = One("tlbs.secondDataLarge", SecondDataLarge),
            PdeCache = One("tlbs.pdeCache", PdeCache),
        };

        TlbArray? One(string name, TlbArray? array) => array is null ? null : change(new NamedTlbArray(name, array));
    }

    /// <summary>The configuration that the MMU is built with.</summary>
    internal TlbConfiguration ToConfiguration() => new()
    {
        Instruction4K = Instruction4K?.Geometry ?? TlbGeometry.None,
        InstructionLarge = InstructionLarge?.Geometry ?? TlbGeometry.None,
        InstructionSizesShare = InstructionSizesShare,
        Load4K = Load4K?.Geometry ?? TlbGeometry.None,
        LoadLarge = LoadLarge?.Geometry ?? TlbGeometry.None,
        Data4K = Data4K?.Geometry ?? TlbGeometry.None,
        DataLarge = DataLarge?.Geometry ?? TlbGeometry.None,
        DataSizesShare = DataSizesShare,
        SecondInstruction4K = SecondInstruction4K?.Geometry ?? TlbGeometry.None,
        SecondInstructionLarge = SecondInstructionLarge?.Geometry ?? TlbGeometry.None,
        SecondData4K = SecondData4K?.Geometry ?? TlbGeometry.None,
        SecondDataLarge = SecondDataLarge?.Geometry ?? TlbGeometry.None,
        SecondSizesShare = SecondSizesShare,
        SecondIsUnified = SecondIsUnified,
        PdeCache = PdeCache?.Geometry ?? TlbGeometry.None,
    };
}
