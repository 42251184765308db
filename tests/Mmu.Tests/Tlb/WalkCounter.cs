namespace X86Pae.Tests.Tlb;

/// <summary>Counts what an MMU tells of its walks.</summary>
internal sealed class WalkCounter
{
    public int Walks { get; set; }

    public int Loads { get; set; }

    public int Updates { get; set; }

    public int DataAccesses { get; set; }
}
