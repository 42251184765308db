using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

/// <summary>Lookups as an MMU makes them: among the recent hits first, and in a straight line where it can.</summary>
/// <remarks>The general lookup must give the same where the straight one may be used, so that every other page takes it.</remarks>
internal static class CacheLookups
{
    public static unsafe TlbHit TryTranslate(this TranslationCaches caches, uint linear, Access access, out WalkResult result)
    {
        TlbPath path = caches.PathOf(access);
        StraightPath* straight = caches.StraightPaths + access.Class;
        bool takesGeneralWay = ((linear >> 12) & 1) != 0;
        if (!takesGeneralWay && straight->TryUseNearest(linear, out ulong payload))
        {
            result = TlbLookup.TranslatedSmall(payload, linear);
            return path.Nearest;
        }

        if (path.Recent.TryUse(linear, access, out result))
        {
            return path.Nearest;
        }

        TlbLookup found = takesGeneralWay || straight->IsObstructed
            ? caches.LookUp(linear, path)
            : LookUpNext(caches, straight, linear, access);
        if (found.Level == path.Nearest)
        {
            caches.Remember(linear, path, found);
        }

        result = found.Level == TlbHit.None ? default : caches.Translated(found, linear);
        return found.Level;
    }

    public static unsafe bool HasSecondLevel(this TranslationCaches caches) => caches.StraightPaths->HasSecondLevel;

    /// <summary>Looks an address up, and fills if it is held nowhere.</summary>
    public static void Use(this TranslationCaches caches, uint linear, Access access, WalkResult walked)
    {
        if (caches.TryTranslate(linear, access, out _) == TlbHit.None)
        {
            caches.Fill(linear, access, walked);
        }
    }

    private static unsafe TlbLookup LookUpNext(TranslationCaches caches, StraightPath* path, uint linear, Access access)
    {
        if (!path->TryUseNext(linear, out ulong payload) && (!path->HasOtherNext || (payload = caches.LookUpNext(linear, access)) == 0))
        {
            return default;
        }

        if (!path->TryBringNearer(linear, payload))
        {
            caches.BringNearer(linear, access, payload);
        }

        return new TlbLookup(path->IsOfLoads ? TlbHit.First : TlbHit.Second, payload);
    }
}
