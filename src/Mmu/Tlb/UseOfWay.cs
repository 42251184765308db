// What the use of a way does to the state of its set, as a table's entry:
//
//   masked    Kept   the bits of the state's word that stay          Added   the bits that are set
//   aged      Kept   0, which no masked use has                      Added   the word of the way's age
//   ranked    Kept   0                                               Added   the way, with bit 32 set

using System.Runtime.CompilerServices;

namespace X86Pae.Tlb;

/// <summary>What the use of a way does to the state of its set.</summary>
/// <param name="Kept">See the head of this file.</param>
/// <param name="Added">See the head of this file.</param>
internal readonly unsafe record struct UseOfWay(ulong Kept, ulong Added)
{
    private const ulong RankedBit = 1UL << 32;

    /// <summary>A use that changes nothing.</summary>
    public static UseOfWay Nothing => new(ulong.MaxValue, 0);

    /// <summary>A use that makes the way the first in the order of use.</summary>
    /// <param name="way">The way, of at most <see cref="UseOrder.WaysOfAVector"/>.</param>
    public static UseOfWay Ranked(int way) => new(0, (uint)way | RankedBit);

    /// <summary>A use that gives the way the highest age; word 0 of the state counts uses.</summary>
    /// <param name="way">The way.</param>
    public static UseOfWay Aged(int way) => new(0, 1 + (ulong)way);

    /// <summary>Uses the way.</summary>
    /// <param name="state">The state of its set.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every lookup that hits
    public void ApplyTo(ulong* state)
    {
        if (Kept != 0)
        {
            *state = (*state & Kept) | Added;
        }
        else if ((Added & RankedBit) == 0)
        {
            GiveHighestAge(state, (nuint)Added);
        }
        else
        {
            Rank(state, (int)Added);
        }
    }

    /// <summary>Gives a way the highest age.</summary>
    /// <param name="state">The state of its set, whose word 0 counts uses.</param>
    /// <param name="word">The word of its age.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a few instructions
    public static void GiveHighestAge(ulong* state, nuint word) => state[word] = ++*state;

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the others small, which TLBs have where hits are frequent
    private static void Rank(ulong* state, int way) => UseOrder.Use((sbyte*)state, (nuint)way);
}
