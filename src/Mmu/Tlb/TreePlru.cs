// Tree pseudo-LRU over a power of two of ways. Node 1 is the root; node n has children 2n and 2n + 1; bit n of the state
// points to the half that was used longer ago.
//
//              1
//           /     \            state bit clear: the victim is to the left
//          2       3
//         / \     / \
//        0   1   2   3         ways

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace X86Pae.Tlb;

/// <summary>Tree pseudo-LRU replacement, as found in Intel's TLBs (vusec/tlbdr, cache-ninja).</summary>
internal static class TreePlru
{
    // For each of the eight states the four that the use of each way leads to.
    private static ReadOnlySpan<byte> StatesOfFour =>
    [
        0b0110, 0b0010, 0b1000, 0b0000,
        0b0110, 0b0010, 0b1000, 0b0000,
        0b0110, 0b0010, 0b1100, 0b0100,
        0b0110, 0b0010, 0b1100, 0b0100,
        0b1110, 0b1010, 0b1000, 0b0000,
        0b1110, 0b1010, 0b1000, 0b0000,
        0b1110, 0b1010, 0b1100, 0b0100,
        0b1110, 0b1010, 0b1100, 0b0100,
    ];

    // For each of them, which are even numbers, the victim in 5:4, and the state after its use.
    private static ReadOnlySpan<byte> VictimsOfFour =>
    [
        0b00_0110, 0, // left, left
        0b10_1000, 0, // right, left
        0b01_0010, 0,
        0b10_1100, 0,
        0b00_1110, 0,
        0b11_0000, 0,
        0b01_1010, 0,
        0b11_0100, 0,
    ];

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

    /// <summary><see cref="Touch"/> for four ways, by a table.</summary>
    /// <param name="state">State of the set, of its three nodes and nothing else.</param>
    /// <param name="way">The way used.</param>
    /// <returns>The new state.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every TLB hit
    public static ulong TouchOfFour(ulong state, nuint way) =>
        Unsafe.Add(ref Unsafe.Add(ref MemoryMarshal.GetReference(StatesOfFour), way), (nuint)state * 2);

    /// <summary>Selects the victim of four ways and marks it as just used, by a table.</summary>
    /// <param name="state">State of the set, of its three nodes and nothing else.</param>
    /// <param name="way">The victim.</param>
    /// <returns>The new state.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every fill
    public static ulong UseVictimOfFour(ulong state, out nuint way)
    {
        nuint victim = Unsafe.Add(ref MemoryMarshal.GetReference(VictimsOfFour), (nuint)state);
        way = victim >> 4;
        return victim & 0b1110;
    }
}
