using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

/// <summary>Lookups as an MMU makes them: among the recent hits first, and in a straight line where it can.</summary>
/// <remarks>The general lookup must give the same where the straight one may be used, so that every other page takes it.</remarks>
internal static class CacheLookups
{
    public static TlbHit TryTranslate(this TranslationCaches caches, uint linear, Access access, out WalkResult result)
    {
        TlbPath path = caches.PathOf(access);
        if (path.Recent.TryUse(linear, access, out result))
        {
            return path.Nearest;
        }

        bool isStraight = caches.IsUsual(path) && ((linear >> 12) & 1) == 0;
        TlbLookup found = isStraight ? LookUpStraight(path, linear >> 12) : caches.LookUp(linear, path);
        if (found.Level == path.Nearest)
        {
            caches.Remember(linear, path, found);
        }

        result = found.Level == TlbHit.None ? default : caches.Translated(found, linear);
        return found.Level;
    }

    /// <summary>Looks an address up, and fills if it is held nowhere.</summary>
    public static void Use(this TranslationCaches caches, uint linear, Access access, WalkResult walked)
    {
        if (caches.TryTranslate(linear, access, out _) == TlbHit.None)
        {
            caches.Fill(linear, access, walked);
        }
    }

    private static TlbLookup LookUpStraight(TlbPath path, uint page)
    {
        PageTags tags = path.TagsOf(page);
        if (path.TryFindNearest(page, tags, out SetOfFour set, out ulong payload))
        {
            return new TlbLookup(path.Nearest, payload);
        }

        if (path.TryFindNext(page, tags, out payload))
        {
            path.BringNearer(page, set, payload);
            return new TlbLookup(path.Nearest == TlbHit.Load ? TlbHit.First : TlbHit.Second, payload);
        }

        return default;
    }
}
