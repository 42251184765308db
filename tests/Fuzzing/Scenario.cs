namespace X86Pae.Fuzzing;

/// <summary>Processors, their memory's open-bus value, and the steps to take from reset on.</summary>
public sealed record Scenario(SpecFeatures Features, SpecOptions Options, byte OpenBus, IReadOnlyList<ScenarioStep> Steps)
{
    /// <summary>Physical address of a page that table entries do not lead to.</summary>
    public const uint SeparatePdptPage = 0x1_8000;

    /// <summary>Size of the memory: page tables, and a little of what they map.</summary>
    public int MemorySizeInBytes => Caches is not null && Options.PdpteOnDemand ? 0x1_9000 : 0x8000;

    /// <summary>Translation caches of each processor; null where the walker is tested alone.</summary>
    public CacheSetup? Caches { get; init; }

    /// <summary>Number of processors that share the memory.</summary>
    public int Processors { get; init; } = 1;

    /// <summary>The pages that are accessed.</summary>
    public IReadOnlyList<uint> Pages { get; init; } = [];

    /// <summary>The scenario with some of its steps left out: halves first, then single steps.</summary>
    public IEnumerable<Scenario> Smaller()
    {
        for (int length = Steps.Count / 2; length >= 1; length /= 2)
        {
            for (int start = 0; start + length <= Steps.Count; start += length)
            {
                yield return this with { Steps = [.. Steps.Take(start), .. Steps.Skip(start + length)] };
            }
        }
    }

    public override string ToString()
    {
        string processors = Caches is null ? "" : $", {Processors} processors with {Caches}";
        return string.Join(
            Environment.NewLine,
            Steps.Select(step => step.ToString()).Prepend($"{Features}, {Options}, open bus {OpenBus:X2}{processors}"));
    }
}
