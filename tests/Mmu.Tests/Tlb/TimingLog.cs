namespace X86Pae.Tests.Tlb;

/// <summary>What a timing was told, in order.</summary>
internal sealed class TimingLog
{
    public List<(string Call, ulong Address, bool First, bool Second, bool Third)> Calls { get; } = [];

    public int TableLoads => Calls.Count(call => call.Call == nameof(ITiming.TableLoaded));

    public int Walks => Calls.Count(call => call.Call == nameof(ITiming.WalkStarted));

    public void Add(string call, ulong address = 0, bool first = false, bool second = false, bool third = false) =>
        Calls.Add((call, address, first, second, third));
}
