namespace X86Pae.Smp;

/// <summary>Processors that sleep until another one's program wakes them, first come first served.</summary>
public sealed class WaitChannel
{
    private readonly Queue<Processor> _sleepers = new();

    /// <summary>Number of processors that sleep here.</summary>
    public int Count => _sleepers.Count;

    internal void Add(Processor processor) => _sleepers.Enqueue(processor);

    internal Processor TakeFirst() => _sleepers.Dequeue();
}
