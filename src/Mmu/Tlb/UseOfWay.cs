using System.Runtime.CompilerServices;

namespace X86Pae.Tlb;

/// <summary>What the use of a way does to the word of its set, for a policy that keeps no ages.</summary>
/// <param name="Kept">The bits that stay.</param>
/// <param name="Added">The bits that are set.</param>
internal readonly record struct UseOfWay(ulong Kept, ulong Added)
{
    /// <summary>Uses the way.</summary>
    /// <param name="state">The word of its set.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every lookup that hits
    public unsafe void ApplyTo(ulong* state) => *state = (*state & Kept) | Added;
}
