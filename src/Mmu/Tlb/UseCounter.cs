using System.Runtime.CompilerServices;

namespace X86Pae.Tlb;

/// <summary>Counts the uses of entries of a group of arrays: an age for those that keep ages.</summary>
internal sealed class UseCounter
{
    private ulong _uses;

    /// <summary>The number of one more use, from 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // an increment
    public ulong Next() => ++_uses;
}
