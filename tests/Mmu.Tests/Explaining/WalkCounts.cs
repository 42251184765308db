namespace X86Pae.Tests.Explaining;

/// <summary>What <see cref="CountingTiming"/> was told.</summary>
internal sealed class WalkCounts
{
    public List<(string What, ulong Address)> Events { get; } = [];
}
