using System.Runtime.CompilerServices;

namespace X86Pae.Tlb;

/// <summary>What a use of one entry does to the state of its array's replacement policy, as a store.</summary>
/// <param name="word">The word of state that it changes.</param>
/// <param name="kept">The bits of it that stay.</param>
/// <param name="added">The bits that are set.</param>
internal readonly unsafe struct EntryUse(ulong* word, ulong kept, ulong added)
{
    /// <summary>The use of an entry whose age is kept.</summary>
    /// <param name="age">Its age.</param>
    public static EntryUse Ageing(ulong* age) => new(age, 0, 0); // no masked store keeps nothing and adds nothing

    /// <summary>Uses the entry.</summary>
    /// <param name="counter">Gives the next age.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every TLB hit
    public void Apply(UseCounter counter)
    {
        ulong use = kept == 0 ? counter.Next() : added;
        *word = (*word & kept) | use;
    }
}
