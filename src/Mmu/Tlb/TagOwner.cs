using X86Pae.Memory;

namespace X86Pae.Tlb;

/// <summary>One logical processor as the owner of entries: it finds and drops those of its current generations only.</summary>
internal sealed unsafe class TagOwner
{
    private readonly TagSpace _space;
    private readonly PinnedBuffer _memory = new(sizeof(OwnerTags));

    /// <summary>Creates an owner of no entries.</summary>
    /// <param name="space">Where the arrays that it uses take their generations from.</param>
    /// <param name="index">Number of this owner in the space, from 0, without gaps.</param>
    public TagOwner(TagSpace space, int index)
    {
        _space = space;
        Index = index;
        Tags = (OwnerTags*)_memory.Start;
        space.Add(this);
        FlushAll();
    }

    /// <summary>Number of this owner in its space.</summary>
    public int Index { get; }

    /// <summary>What lookups look at; valid while this object is reachable.</summary>
    public OwnerTags* Tags { get; }

    /// <summary>Generation of the entries that are not global, as it stands in tags.</summary>
    public uint Local => Tags->Local;

    /// <summary>Generation of the global entries, as it stands in tags.</summary>
    public uint Global => Tags->Global;

    /// <summary>
    /// Shifted past a page number, a count of the moments when remembered hits lost their meaning; not 0. See
    /// <see cref="RecentHits"/>.
    /// </summary>
    public ulong Epoch { get; private set; }

    /// <summary>Number of translations filled so far, modulo 2^32; their entries are stamped with it.</summary>
    public uint Fills => Tags->Fills;

    /// <summary>The tag under which a page of this owner counts.</summary>
    /// <param name="page">Page number, marked if the page is large.</param>
    /// <param name="global">Whether its entry survives <see cref="FlushNonGlobal"/>.</param>
    public uint TagOf(uint page, bool global) => page | (global ? Global : Local);

    /// <summary>Makes remembered hits lose their meaning.</summary>
    public void StartEpoch() => Epoch += 1 << RecentHits.PageBits;

    /// <summary>Puts something in the way of the straight line, or takes it away.</summary>
    /// <param name="obstacles">What is in the way from now on.</param>
    /// <remarks>An owner that is held up finds nothing in the nearest level either.</remarks>
    public void Obstruct(Obstacles obstacles)
    {
        Tags->Obstacles = obstacles;
        Ask();
    }

    /// <summary>Drops all entries but the global ones.</summary>
    public void FlushNonGlobal()
    {
        StartEpoch();
        Tags->Local = _space.Next();
        _space.Follow(this);
        Ask();
    }

    /// <summary>Drops everything.</summary>
    public void FlushAll()
    {
        FlushNonGlobal(); // and tell the space before it hands out the next: it may renumber
        Tags->Global = _space.Next();
        _space.Follow(this);
        Ask();
    }

    /// <summary>Takes other numbers for the same generations.</summary>
    /// <param name="local">Of the entries that are not global.</param>
    /// <param name="global">Of the global ones.</param>
    public void Renumber(uint local, uint global)
    {
        Tags->Local = local;
        Tags->Global = global;
        Ask();
    }

    private void Ask()
    {
        if ((Tags->Obstacles & Obstacles.HeldUp) != 0)
        {
            Tags->AskForNothing();
        }
        else
        {
            Tags->AskForCurrent();
        }
    }
}
