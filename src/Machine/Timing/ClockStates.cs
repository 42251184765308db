using X86Pae.Memory;

namespace X86Pae.Timing;

/// <summary>The states of some clocks side by side, so that what concerns all of them goes through one array.</summary>
/// <param name="count">Number of clocks.</param>
internal sealed unsafe class ClockStates(int count)
{
    private readonly PinnedBuffer _memory = new(count * sizeof(ClockState));

    /// <summary>All of them.</summary>
    public Span<ClockState> All => new(_memory.Start, count);

    /// <summary>Where the state of a clock is; valid while this object is reachable.</summary>
    /// <param name="index">Its number, from 0.</param>
    public ClockState* At(int index) => (ClockState*)_memory.Start + index;

    /// <summary>Whether any clock has to be brought up to date.</summary>
    public bool HaveRefills()
    {
        bool any = false;
        foreach (ref readonly ClockState state in All)
        {
            any |= state.HasRefills;
        }

        return any;
    }
}
