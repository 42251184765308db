using System.Collections;

namespace X86Pae.Lab.AddressTraces;

/// <summary>Page frames that a recording never names, lowest first: for what it does not show, its page tables above all.</summary>
/// <param name="used">The frames that it names.</param>
internal sealed class UnusedFrames(BitArray used)
{
    private int _last; // frame 0 is left alone

    /// <summary>Takes the next one.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="InvalidDataException">The recording names every frame.</exception>
    public uint Take()
    {
        do
        {
            if (++_last >= used.Length)
            {
                throw new InvalidDataException("the trace names so many page frames that none is left for page tables");
            }
        }
        while (used[_last]);

        return (uint)_last;
    }
}
