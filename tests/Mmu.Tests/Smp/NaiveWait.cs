using X86Pae.Timing;

namespace X86Pae.Tests.Smp;

/// <summary>What a coroutine waits for: so many cycles, or a condition.</summary>
internal sealed record NaiveWait(int Cycles, Func<bool>? Condition, CycleAccount? Account)
{
    private long _begun;

    /// <summary>Nothing; but an interrupt may come first.</summary>
    public static NaiveWait Boundary => new(0, null, null) { Interruptible = true };

    public bool Interruptible { get; init; }

    public static NaiveWait For(long cycles, CycleAccount account) => new((int)cycles, null, account);

    public static NaiveWait Until(Func<bool> condition, CycleAccount? account) => new(0, condition, account) { Interruptible = true };

    public void Begin(long now) => _begun = now;

    public long Elapsed(long now) => now - _begun;

    public bool IsOver(long now) => Condition?.Invoke() ?? Elapsed(now) >= Cycles;
}
