namespace X86Pae.Tlb;

/// <summary>Where a translation was found.</summary>
internal enum TlbHit : byte
{
    /// <summary>Nowhere: the tables must be walked.</summary>
    None,

    /// <summary>In the level that only loads use.</summary>
    Load,

    /// <summary>In the first level.</summary>
    First,

    /// <summary>In the second level.</summary>
    Second,
}

/// <summary>One level of TLB for one kind of access.</summary>
/// <param name="place">Which level it is.</param>
/// <param name="small">The array that holds 4-KiB pages; null where there is none.</param>
/// <param name="large">The array that holds large pages, the same where sizes share one; null where there is none.</param>
/// <param name="next">The level that is asked when this one misses; null for the last one.</param>
internal sealed class TlbLevel(TlbHit place, TranslationArray? small, TranslationArray? large, TlbLevel? next)
{
    /// <summary>Which level it is.</summary>
    public TlbHit Place => place;

    /// <summary>The array that holds 4-KiB pages; null where there is none.</summary>
    public TranslationArray? Small => small;

    /// <summary>The array that holds large pages; null where there is none.</summary>
    public TranslationArray? Large => large;

    /// <summary>The level that is asked when this one misses; null for the last one.</summary>
    public TlbLevel? Next => next;

    /// <summary>Looks an address up here and in the levels behind; what one of those holds is filled into this one.</summary>
    /// <param name="page">Number of its 4-KiB page.</param>
    /// <param name="largePage">Marked number of its large page.</param>
    /// <param name="generations">Whose entries.</param>
    /// <returns>What was found, and where.</returns>
    public TlbLookup LookUp(uint page, uint largePage, Generations generations)
    {
        ulong payload = small is null ? 0 : small.LookUp(page, generations); // which is asked for first
        if (payload == 0 && large is not null && generations.MayHoldLargePages)
        {
            payload = large.LookUp(largePage, generations);
        }

        if (payload != 0 || next is null)
        {
            return payload == 0 ? default : new TlbLookup(place, payload);
        }

        TlbLookup found = next.LookUp(page, largePage, generations);
        if (found.Level != TlbHit.None)
        {
            Fill(TlbLookup.IsLargePayload(found.Payload) ? largePage : page, generations, found.Held);
        }

        return found;
    }

    /// <summary>Looks an address up without any effect.</summary>
    /// <param name="page">Number of its 4-KiB page.</param>
    /// <param name="largePage">Marked number of its large page.</param>
    /// <param name="generations">Whose entries.</param>
    /// <param name="stamp">When the entry was filled; 0 if there is none.</param>
    /// <returns>The payload of the entry; 0 if there is none.</returns>
    public ulong Peek(uint page, uint largePage, Generations generations, out uint stamp)
    {
        stamp = 0;
        ulong payload = small is null ? 0 : small.Peek(page, generations, out stamp);
        return payload != 0 || large is null ? payload : large.Peek(largePage, generations, out stamp);
    }

    /// <summary>Keeps a translation in this level alone.</summary>
    /// <param name="page">Number of a page that this level does not hold, marked if it is large.</param>
    /// <param name="generations">Whose entry.</param>
    /// <param name="payload">What to keep, from <see cref="TlbLookup.PayloadOf"/>.</param>
    public void Fill(uint page, Generations generations, ulong payload)
    {
        TranslationArray? array = TlbLookup.IsLargePayload(payload) ? large : small;
        array?.Add(page, generations, payload, TlbLookup.IsGlobalPayload(payload), generations.Fills);
    }
}
