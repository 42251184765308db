// Tree pseudo-LRU over a power of two of ways. Node 1 is the root; node n has children 2n and 2n + 1; bit n of the state
// points to the half that was used longer ago.
//
//              1
//           /     \            state bit clear: the victim is to the left
//          2       3
//         / \     / \
//        0   1   2   3         ways

namespace X86Pae.Tlb;

/// <summary>Tree pseudo-LRU replacement, as found in Intel's TLBs (vusec/tlbdr, cache-ninja).</summary>
internal static class TreePlru
{
    /// <summary>Marks a way as just used: every node on its path points away from it.</summary>
    /// <param name="state">State of the set.</param>
    /// <param name="way">The way used.</param>
    /// <param name="ways">Number of ways, a power of two up to 64.</param>
    /// <returns>The new state.</returns>
    public static ulong Touch(ulong state, int way, int ways)
    {
        for (int node = way + ways; node > 1; node >>= 1)
        {
            // No branch: which way hits is random.
            int parent = node >> 1;
            state = (state & ~(1UL << parent)) | ((ulong)(~node & 1) << parent);
        }

        return state;
    }

    /// <summary>The way to replace next.</summary>
    /// <param name="state">State of the set.</param>
    /// <param name="ways">Number of ways, a power of two up to 64.</param>
    public static int Victim(ulong state, int ways)
    {
        int node = 1;
        while (node < ways)
        {
            node = (2 * node) + (int)((state >> node) & 1);
        }

        return node - ways;
    }

    /// <summary>The same for four ways, by a table of two bits for each state of the three nodes.</summary>
    /// <param name="state">State of the set; bits above 3 do not count.</param>
    public static int VictimOfFour(ulong state) => (0b11_01_11_00_10_01_10_00 >> ((int)state & 0b1110)) & 3;

    /// <summary>The state after the victim of four ways was used: both nodes on its path point the other way.</summary>
    /// <param name="state">State of the set.</param>
    public static ulong AfterUseOfVictimOfFour(ulong state) => state ^ (0b0110 + (2 * (state & 0b0010)));
}
