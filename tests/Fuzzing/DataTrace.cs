namespace X86Pae.Fuzzing;

/// <summary>The physical addresses that the last access has reached, in order.</summary>
internal sealed class DataTrace
{
    private readonly ulong[] _addresses = new ulong[4];

    /// <summary>Number of addresses: two for each page of a read-modify-write, one for each page of anything else.</summary>
    public int Count { get; private set; }

    public ulong this[int index] => _addresses[index];

    public void Clear() => Count = 0;

    public void Add(ulong address) => _addresses[Count++] = address;
}
