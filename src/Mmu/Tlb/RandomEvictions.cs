using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>Disturbances that a processor is free to make at any time, from a seed, to find code that depends on retention.</summary>
/// <param name="Seed">Start of the random sequence; the same seed gives the same disturbances.</param>
/// <param name="EvictionsPerThousand">How many of a thousand translations first lose a random entry, 0 to 1000.</param>
/// <param name="SpeculativeFillsPerThousand">
/// How many of a thousand translations first walk and fill for an address near one used before, 0 to 1000. Such a walk may set
/// A, never D, and reports no fault.
/// </param>
public sealed record TlbRandomization(ulong Seed, int EvictionsPerThousand = 50, int SpeculativeFillsPerThousand = 50);

/// <summary>The random sequence behind <see cref="TlbRandomization"/>: when to disturb, and where.</summary>
internal sealed class RandomEvictions
{
    private const int Remembered = 16;

    private readonly uint[] _recent = new uint[Remembered];
    private readonly uint _evictions;
    private readonly uint _fills;
    private ulong _state;
    private int _next;
    private int _count;

    /// <summary>Starts the sequence.</summary>
    /// <param name="randomization">Seed and rates.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate is outside 0 to 1000.</exception>
    public RandomEvictions(TlbRandomization randomization)
    {
        _evictions = Rate(randomization.EvictionsPerThousand, nameof(randomization.EvictionsPerThousand));
        _fills = Rate(randomization.SpeculativeFillsPerThousand, nameof(randomization.SpeculativeFillsPerThousand));
        _state = randomization.Seed;
    }

    /// <summary>Whether an entry is to be lost now.</summary>
    /// <param name="random">Says which one.</param>
    public bool ShouldEvict(out ulong random)
    {
        random = Next();
        return Next() % 1000 < _evictions;
    }

    /// <summary>Whether something is to be filled now, and for which address: a page used before, or one next to it.</summary>
    /// <param name="linear">The address that is being translated; remembered.</param>
    /// <param name="target">The address to fill for.</param>
    /// <param name="access">A read or fetch that rights do not refuse more than need be.</param>
    public bool ShouldSpeculate(uint linear, out uint target, out Access access)
    {
        _recent[_next] = linear;
        _next = (_next + 1) % Remembered;
        _count = Math.Min(_count + 1, Remembered);
        uint origin = _recent[(int)(Next() % (uint)_count)];
        target = origin + ((uint)(Next() % 3) << 12) - (1 << 12);
        access = Next() % 2 == 0
            ? new Access(AccessKind.Read, AccessMode.Supervisor, alignmentCheck: true)
            : Access.SupervisorFetch;
        return Next() % 1000 < _fills;
    }

    private static uint Rate(int perThousand, string name) => perThousand is >= 0 and <= 1000
        ? (uint)perThousand
        : throw new ArgumentOutOfRangeException(name, perThousand, "A rate is 0 to 1000 of a thousand.");

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014).</summary>
    private ulong Next()
    {
        ulong z = _state += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}
