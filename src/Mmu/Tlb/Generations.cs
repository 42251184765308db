using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace X86Pae.Tlb;

/// <summary>The current generations of one logical processor, under which it finds and drops its own entries only.</summary>
/// <remarks>See <see cref="GenerationSpace"/>. Every lookup reads this object, so it also keeps the count of fills.</remarks>
internal sealed class Generations
{
    // A generation that no tag carries: combined with no page number does any tag, or an empty way, give this value.
    private const uint NoTag = uint.MaxValue;

    private readonly GenerationSpace _space;
    private Vector128<uint> _hitLocal; // the generations that hits compare, in each element; NoTag while hits are suspended
    private Vector128<uint> _hitGlobal;
    private bool _areHitsSuspended;

    /// <summary>Creates the generations of a processor that holds nothing.</summary>
    /// <param name="space">Where the arrays that it uses take their generations from.</param>
    /// <param name="index">Number of this processor in the space, from 0, without gaps.</param>
    public Generations(GenerationSpace space, int index)
    {
        _space = space;
        Index = index;
        space.Add(this);
        FlushAll();
    }

    /// <summary>Number of this processor in its space.</summary>
    public int Index { get; }

    /// <summary>Generation of the entries that are not global, as it stands in tags.</summary>
    public uint Local { get; private set; }

    /// <summary>Generation of the global entries, as it stands in tags.</summary>
    public uint Global { get; private set; }

    /// <summary>The same as <see cref="GenerationSpace.Latest"/>.</summary>
    public uint Latest { get; set; }

    /// <summary>Number of translations filled so far, modulo 2^32; their entries are stamped with it.</summary>
    public uint Fills { get; set; }

    /// <summary>Whether a large page may be held: since everything was dropped, one was filled.</summary>
    public bool MayHoldLargePages { get; set; }

    /// <summary>
    /// Whether <see cref="TlbSide.TryHit"/> finds nothing, because something is to be done before the arrays may be asked. Lookups
    /// and fills go on.
    /// </summary>
    public bool AreHitsSuspended
    {
        get => _areHitsSuspended;
        set
        {
            _areHitsSuspended = value;
            FollowGenerations();
        }
    }

    /// <summary>The tag under which a page of this processor counts.</summary>
    /// <param name="page">Page number, marked if the page is large.</param>
    /// <param name="global">Whether its entry survives <see cref="FlushNonGlobal"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every fill
    public uint TagOf(uint page, bool global)
    {
        (uint ifGlobal, uint ifLocal) = (Global, Local);
        return page | (global ? ifGlobal : ifLocal); // without a branch
    }

    /// <summary>Finds the way that holds a page, unless hits are suspended.</summary>
    /// <param name="page">Its number, marked if it is large.</param>
    /// <param name="tags">Tags of four ways.</param>
    /// <returns>A bit for each way; at most one is set.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every TLB hit
    public uint FindHit(uint page, Vector128<uint> tags)
    {
        Vector128<uint> generations = tags ^ Vector128.Create(page); // where the page is another, it is no generation
        return (Vector128.Equals(generations, _hitLocal) | Vector128.Equals(generations, _hitGlobal)).ExtractMostSignificantBits();
    }

    /// <summary>Whether a tag, from which the page was taken away, is that of a page that is held; never while hits are suspended.</summary>
    /// <param name="generation">The tag, exclusive-or the number of the page.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every hit of a fully associative array
    public bool IsHit(uint generation) => generation == _hitLocal.ToScalar() || generation == _hitGlobal.ToScalar();

    /// <summary>Drops all entries but the global ones.</summary>
    public void FlushNonGlobal()
    {
        Local = _space.Next();
        _space.Follow(this);
        FollowGenerations();
    }

    /// <summary>Drops everything.</summary>
    public void FlushAll()
    {
        MayHoldLargePages = false;
        FlushNonGlobal(); // and tell the space before it hands out the next: it may renumber
        Global = _space.Next();
        _space.Follow(this);
        FollowGenerations();
    }

    /// <summary>Takes other numbers for the same generations.</summary>
    /// <param name="local">Of the entries that are not global.</param>
    /// <param name="global">Of the global ones.</param>
    public void Renumber(uint local, uint global)
    {
        Local = local;
        Global = global;
        FollowGenerations();
    }

    private void FollowGenerations()
    {
        _hitLocal = Vector128.Create(_areHitsSuspended ? NoTag : Local);
        _hitGlobal = Vector128.Create(_areHitsSuspended ? NoTag : Global);
    }
}
