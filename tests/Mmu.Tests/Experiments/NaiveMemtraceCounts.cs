namespace X86Pae.Tests.Experiments;

/// <summary>Counts by name; what was never counted is 0.</summary>
internal sealed class NaiveMemtraceCounts
{
    private readonly Dictionary<string, long> _counts = [];

    public long this[string name]
    {
        get => _counts.GetValueOrDefault(name);
        set => _counts[name] = value;
    }
}
