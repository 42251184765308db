namespace X86Pae.Kmap.Tests.Kernel;

/// <summary>What all CPUs have done: 32-bit entry stores, CMPXCHG8Bs, INVLPGs, IPIs, full flushes, writes to CR4.</summary>
internal readonly record struct Events(
    long Stores, long Exchanges = 0, long Invlpgs = 0, long Sent = 0, long Handled = 0, long FullFlushes = 0, long Cr4Writes = 0)
{
    public static Events operator -(Events left, Events right) => new(
        left.Stores - right.Stores,
        left.Exchanges - right.Exchanges,
        left.Invlpgs - right.Invlpgs,
        left.Sent - right.Sent,
        left.Handled - right.Handled,
        left.FullFlushes - right.FullFlushes,
        left.Cr4Writes - right.Cr4Writes);
}
