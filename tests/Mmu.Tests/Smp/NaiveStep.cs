using X86Pae.Smp;

namespace X86Pae.Tests.Smp;

/// <summary>One step of a script.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Number">Cycles, number of the lock, or number of pages.</param>
internal sealed record NaiveStep(NaiveKind Kind, int Number = 0)
{
    /// <summary>Whom a shootdown reaches; null for all.</summary>
    public ProcessorSet? Processors { get; init; }
}
