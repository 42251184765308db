namespace X86Pae.Tests.Smp;

/// <summary>A lock: the first of the queue has it.</summary>
internal sealed class NaiveLock
{
    public List<NaiveCpu> Queue { get; } = [];

    public NaiveCpu? Last { get; set; }

    public bool Sleeps { get; init; }

    public void Release() => Queue.RemoveAt(0);
}
