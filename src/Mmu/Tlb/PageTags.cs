using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace X86Pae.Tlb;

/// <summary>The two tags under which a page may be held, ready to be compared with those of four ways.</summary>
internal readonly struct PageTags
{
    private readonly Vector128<uint> _local;
    private readonly Vector128<uint> _global;

    /// <summary>Prepares the tags.</summary>
    /// <param name="local">The tag if it is not global.</param>
    /// <param name="global">The tag if it is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // two vector instructions each
    public PageTags(uint local, uint global)
    {
        _local = Vector128.Create(local);
        _global = Vector128.Create(global);
    }

    /// <summary>The ways that hold the page.</summary>
    /// <param name="tags">Tags of four ways.</param>
    /// <returns>All bits of each element that is one of the two; at most one is.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // three vector instructions
    public Vector128<uint> Match(Vector128<uint> tags) => Vector128.Equals(tags, _local) | Vector128.Equals(tags, _global);

    /// <summary>The same as a number.</summary>
    /// <param name="tags">Tags of four ways.</param>
    /// <returns>A bit for each way; at most one is set.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // one more
    public uint Find(Vector128<uint> tags) => Match(tags).ExtractMostSignificantBits();
}
