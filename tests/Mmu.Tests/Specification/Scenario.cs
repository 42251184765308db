namespace X86Pae.Tests.Specification;

/// <summary>A processor, its memory's open-bus value, and the steps to take from reset on.</summary>
internal sealed record Scenario(SpecFeatures Features, SpecOptions Options, byte OpenBus, IReadOnlyList<ScenarioStep> Steps)
{
    /// <summary>Size of the memory: page tables, and a little of what they map.</summary>
    public const int MemorySizeInBytes = 0x8000;

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

    public override string ToString() =>
        string.Join(Environment.NewLine, Steps.Select(step => step.ToString()).Prepend($"{Features}, {Options}, open bus {OpenBus:X2}"));
}
