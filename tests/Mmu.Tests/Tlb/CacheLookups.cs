using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

/// <summary>Lookups and fills as an MMU makes them.</summary>
internal static class CacheLookups
{
    /// <summary>Looks an address up as a timed MMU does; for every other page with hits suspended, so that the arrays alone answer.</summary>
    public static TlbHit TryTranslate(this TranslationCaches caches, uint linear, Access access, out WalkResult result)
    {
        TlbSide side = caches.SideOf(access);
        caches.AreHitsSuspended = ((linear >> 12) & 1) != 0;
        if (side.TryHit(linear, out ulong payload, out uint offset))
        {
            Assert.False(caches.AreHitsSuspended);
            result = TlbLookup.Translated(payload, offset);
            return side.HasLoadLevel ? TlbHit.Load : TlbHit.First;
        }

        TlbLookup found = caches.AreHitsSuspended ? side.LookUp(linear) : side.LookUpBehind(linear);
        caches.AreHitsSuspended = false;
        result = found.Level == TlbHit.None ? default : side.Translated(found.Payload, linear);
        return found.Level;
    }

    /// <summary>Looks an address up that no hit has found.</summary>
    public static TlbLookup LookUpBehind(this TlbSide side, uint linear) => side.TryNext(linear, out ulong payload)
        ? new TlbLookup(side.HasLoadLevel ? TlbHit.First : TlbHit.Second, payload)
        : side.LookUpOthers(linear);

    public static void Fill(this TranslationCaches caches, uint linear, Access access, WalkResult walked) =>
        caches.SideOf(access).Fill(linear, walked);

    /// <summary>Looks an address up, and fills if it is held nowhere.</summary>
    public static void Use(this TranslationCaches caches, uint linear, Access access, WalkResult walked)
    {
        if (caches.TryTranslate(linear, access, out _) == TlbHit.None)
        {
            caches.Fill(linear, access, walked);
        }
    }

    public static bool HasSecondLevel(this TranslationCaches caches) => caches.Stores.HasSecondLevel;

    /// <summary>Whether a hit finds an address.</summary>
    public static bool Hits(this TranslationCaches caches, uint linear, Access access) =>
        caches.SideOf(access).TryHit(linear, out _, out _);
}
