using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

/// <summary>Lookups as an MMU makes them: among the recent hits first.</summary>
internal static class CacheLookups
{
    public static TlbHit TryTranslate(this TranslationCaches caches, uint linear, Access access, out WalkResult result)
    {
        TlbPath path = caches.PathOf(access);
        if (path.Recent.TryUse(linear, access, out result))
        {
            return path.Nearest;
        }

        TlbLookup found = caches.LookUp(linear, path);
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
}
