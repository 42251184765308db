using System.Runtime.CompilerServices;

namespace X86Pae.Tlb;

/// <summary>One logical processor as the owner of entries: it finds and drops those of its current generations only.</summary>
internal sealed class TagOwner
{
    private readonly TagSpace _space;

    /// <summary>Creates an owner of no entries.</summary>
    /// <param name="space">Where the arrays that it uses take their generations from.</param>
    /// <param name="index">Number of this owner in the space, from 0, without gaps.</param>
    public TagOwner(TagSpace space, int index)
    {
        _space = space;
        Index = index;
        space.Add(this);
        FlushAll();
    }

    /// <summary>Number of this owner in its space.</summary>
    public int Index { get; }

    /// <summary>Generation of the entries that are not global, as it stands in tags.</summary>
    public uint Local { get; private set; }

    /// <summary>Generation of the global entries, as it stands in tags.</summary>
    public uint Global { get; private set; }

    /// <summary>
    /// Shifted past a page number, a count of the moments when remembered hits lost their meaning; not 0. See
    /// <see cref="RecentHits"/>.
    /// </summary>
    public ulong Epoch { get; private set; }

    /// <summary>Number of translations filled so far, modulo 2^32; their entries are stamped with it.</summary>
    public uint Fills { get; private set; }

    /// <summary>Counts a translation that is filled, at however many levels.</summary>
    public void CountFill() => Fills++;

    /// <summary>The tag under which a page of this owner counts.</summary>
    /// <param name="page">Page number, marked if the page is large.</param>
    /// <param name="global">Whether its entry survives <see cref="FlushNonGlobal"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a test and a load in every fill
    public uint TagOf(uint page, bool global) => page | (global ? Global : Local);

    /// <summary>Both tags of a page.</summary>
    /// <param name="page">Page number, marked if the page is large.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every TLB miss
    public PageTags TagsOf(uint page) => new(page | Local, page | Global);

    /// <summary>Makes remembered hits lose their meaning.</summary>
    public void StartEpoch() => Epoch += 1 << RecentHits.PageBits;

    /// <summary>Drops all entries but the global ones.</summary>
    public void FlushNonGlobal()
    {
        StartEpoch();
        Local = _space.Next();
        _space.Follow(this);
    }

    /// <summary>Drops everything.</summary>
    public void FlushAll()
    {
        FlushNonGlobal(); // and tell the space before asking again: it may renumber
        Global = _space.Next();
        _space.Follow(this);
    }

    /// <summary>Takes other numbers for the same generations.</summary>
    /// <param name="local">Of the entries that are not global.</param>
    /// <param name="global">Of the global ones.</param>
    public void Renumber(uint local, uint global)
    {
        Local = local;
        Global = global;
    }
}
