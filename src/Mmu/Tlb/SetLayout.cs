// The parts of one set of an array of translations.
//
//   +-------------------+---------------+------------+--------------------------------+
//   | tags, 4 bytes for | replacement   | full since | payloads, 8 bytes for each way |     a line of the host for the usual
//   | each way          | state         | (4 bytes)  |                                |     four ways
//   +-------------------+---------------+------------+--------------------------------+
//
//   Ways are rounded up to whole vectors; tags of surplus ways stay 0. A set of one way has no state: a use keeps every bit of
//   the word at its place, which is the payload. There may be a million of them, so they are 16 bytes and not a line.

namespace X86Pae.Tlb;

/// <summary>Where the parts of a set are, in bytes from its start.</summary>
internal readonly struct SetLayout
{
    /// <summary>Number of ways.</summary>
    public readonly int Ways;

    /// <summary>Ways rounded up to whole vectors: 1, 4, or a multiple of 8.</summary>
    public readonly int Stride;

    /// <summary>The words of the replacement policy.</summary>
    public readonly int StateOffset;

    /// <summary>The generation that was the latest when no way was empty.</summary>
    public readonly int FullSinceOffset;

    /// <summary>The payloads.</summary>
    public readonly int PayloadOffset;

    /// <summary>The whole set.</summary>
    public readonly int Size;

    /// <summary>Lays a set out.</summary>
    /// <param name="ways">Number of ways.</param>
    /// <param name="wordsOfState">Words of the replacement policy; 0 for one way.</param>
    public SetLayout(int ways, int wordsOfState)
    {
        Ways = ways;
        if (ways == 1)
        {
            Stride = 1;
            FullSinceOffset = sizeof(uint);
            StateOffset = sizeof(ulong);
            PayloadOffset = sizeof(ulong);
            Size = 2 * sizeof(ulong);
            return;
        }

        const int Alignment = 16;
        Stride = ways <= 4 ? 4 : (ways + 7) & ~7;
        StateOffset = Stride * sizeof(uint);
        FullSinceOffset = StateOffset + (wordsOfState * sizeof(ulong));
        PayloadOffset = FullSinceOffset + sizeof(ulong);
        Size = (PayloadOffset + (ways * sizeof(ulong)) + Alignment - 1) & -Alignment;
    }
}
