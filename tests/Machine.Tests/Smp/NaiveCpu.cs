using X86Pae.Timing;

namespace X86Pae.Tests.Smp;

/// <summary>One processor of a <see cref="NaiveMachine"/>.</summary>
internal sealed class NaiveCpu(int index, bool userMode)
{
    private readonly Stack<(IEnumerator<NaiveWait> Code, NaiveWait Wait)> _stack = new();
    private long _chargedTo;
    private long _elapsed; // of the wait that was interrupted

    public int Index => index;

    public bool UserMode => userMode;

    public bool InterruptsOn { get; set; } = true;

    public bool HasEnded { get; set; }

    public List<long> Arrivals { get; } = [];

    public List<NaivePending> Requests { get; } = [];

    public long RegisterIdle { get; set; }

    public long Clock { get; private set; }

    public Dictionary<CycleAccount, long> Accounts { get; } = Enum.GetValues<CycleAccount>().ToDictionary(a => a, _ => 0L);

    public int Sent { get; set; }

    public int Messages { get; set; }

    public int Interrupts { get; set; }

    public int Shootdowns { get; set; }

    public long LastShootdown { get; set; }

    public NaiveWait Wait => _stack.Peek().Wait;

    public void Start(IEnumerator<NaiveWait> program) => _stack.Push((program, NaiveWait.Boundary));

    /// <summary>Puts a handler above what runs, whose wait stands still meanwhile.</summary>
    public void Interrupt(IEnumerator<NaiveWait> handler, long now)
    {
        _elapsed = Wait.Elapsed(now);
        _stack.Push((handler, NaiveWait.Boundary));
    }

    public void ChargeWait(long now)
    {
        if (Wait.Account is { } account)
        {
            Accounts[account] += now - _chargedTo;
        }

        _chargedTo = now;
        Clock = now;
    }

    public void Resume(long now)
    {
        (IEnumerator<NaiveWait> code, _) = _stack.Pop();
        if (code.MoveNext())
        {
            code.Current.Begin(now);
            _stack.Push((code, code.Current));
        }
        else if (_stack.Count > 0)
        {
            Wait.Begin(now - _elapsed);
        }
    }
}

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
