namespace X86Pae.Tests.Tlb;

/// <summary>The sequence that random replacement draws from: xorshift with the shifts 13, 7 and 17 (Marsaglia 2003).</summary>
internal sealed class NaiveRandom
{
    private ulong _state = 0x9E37_79B9_7F4A_7C15;

    public int Next(int ways)
    {
        ulong first = _state ^ (_state << 13);
        ulong second = first ^ (first >> 7);
        _state = second ^ (second << 17);
        return (int)(_state % (ulong)ways);
    }
}
