// The walk of two-level ("32-bit") paging. Intel SDM vol. 3, 4.3.
//
//   linear    31          22 21        12 11         0
//            +--------------+------------+------------+
//            | PDE index    | PTE index  | offset     |
//            +--------------+------------+------------+
//
//   4-MiB PDE (CR4.PSE = 1, PS = 1):
//
//   31         22 21  20        13  12   11  9  8   7   6   5   4   3   2   1   0
//  +-------------+---+------------+-----+------+---+---+---+---+---+---+---+---+---+
//  | PA[31:22]   | 0 | PA[39:32]  | PAT | avl  | G | 1 | D | A |PCD|PWT|U/S|R/W| P |
//  +-------------+---+------------+-----+------+---+---+---+---+---+---+---+---+---+
//
//   There is no XD. With CR4.PSE = 0 bit 7 of a PDE is ignored and no bit is reserved anywhere.

using X86Pae.Memory;

namespace X86Pae.Paging;

/// <summary>
/// Walks the tables of two-level paging; the rules for rights, A, D and error codes are those of <see cref="PageWalker"/>.
/// </summary>
internal static class TwoLevelWalker
{
    /// <summary>Translates one linear address for one access.</summary>
    internal static WalkResult Walk<TBus, TObserver>(
        ref TBus bus, ref TObserver observer, in PagingState state, uint linear, Access access)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        ulong address = (state.TableBase | ((linear >> 20) & 0xFFC)) & state.AddressMask;
        for (int attempt = 0; ; attempt++)
        {
            uint pde = bus.LoadEntry32(address);
            observer.EntryLoaded(WalkLevel.Pde, address, pde);
            if ((pde & EntryBits.Present) == 0)
            {
                return PageWalker.Fault(in state, linear, access, PageFaultErrorCode.None);
            }

            if (state.LargePages && (pde & EntryBits.LargePage) != 0)
            {
                if ((pde & state.ReservedLargePde) != 0)
                {
                    return PageWalker.Fault(in state, linear, access, state.ReservedFault);
                }

                PageAttributes attributes = LeafEntry.LargePage(pde, in state);
                if (AccessRights.Denies(state.Denied, access, attributes))
                {
                    return PageWalker.Fault(in state, linear, access, PageFaultErrorCode.Present);
                }

                if (TrySetFlags(ref bus, ref observer, WalkLevel.Pde, address, pde, access, ref attributes, attempt))
                {
                    ulong physical = (pde & 0xFFC0_0000u) | ((ulong)((pde >> 13) & 0xFF) << 32) | (linear & 0x3F_FFFF);
                    return WalkResult.Translated(physical & state.AddressMask, attributes);
                }

                continue;
            }

            if ((pde & EntryBits.Accessed) == 0)
            {
                if (!state.AccessedBeforeFault)
                {
                    if (TryWalkTable(
                        ref bus, ref observer, in state, linear, access, pde, flagPde: true, address, attempt, out WalkResult result))
                    {
                        return result;
                    }

                    continue;
                }

                if (!Update(ref bus, ref observer, WalkLevel.Pde, address, pde, pde | (uint)EntryBits.Accessed, attempt))
                {
                    continue;
                }
            }

            return WalkTable(ref bus, ref observer, in state, linear, access, pde);
        }
    }

    /// <summary>Walks from a page-directory entry that is known to be present and valid. The directory is not read.</summary>
    internal static WalkResult WalkTable<TBus, TObserver>(
        ref TBus bus, ref TObserver observer, in PagingState state, uint linear, Access access, uint pde)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        TryWalkTable(ref bus, ref observer, in state, linear, access, pde, flagPde: false, 0, 0, out WalkResult result);
        return result;
    }

    /// <summary>Walks from a page-directory entry, and sets A in it once the walk is known to succeed.</summary>
    /// <returns>False if the PDE has changed before A could be set, so that it must be read again.</returns>
    private static bool TryWalkTable<TBus, TObserver>(
        ref TBus bus,
        ref TObserver observer,
        in PagingState state,
        uint linear,
        Access access,
        uint pde,
        bool flagPde,
        ulong pdeAddress,
        int pdeAttempt,
        out WalkResult result)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        ulong address = ((pde & 0xFFFF_F000) | ((linear >> 10) & 0xFFC)) & state.AddressMask;
        for (int attempt = 0; ; attempt++)
        {
            uint pte = bus.LoadEntry32(address);
            observer.EntryLoaded(WalkLevel.Pte, address, pte);
            if ((pte & EntryBits.Present) == 0)
            {
                result = PageWalker.Fault(in state, linear, access, PageFaultErrorCode.None);
                return true;
            }

            if ((pte & state.ReservedPte) != 0)
            {
                result = PageWalker.Fault(in state, linear, access, state.ReservedFault);
                return true;
            }

            PageAttributes attributes = LeafEntry.SmallPage(pde, pte, in state);
            if (AccessRights.Denies(state.Denied, access, attributes))
            {
                result = PageWalker.Fault(in state, linear, access, PageFaultErrorCode.Present);
                return true;
            }

            if (flagPde && attempt == 0
                && !Update(ref bus, ref observer, WalkLevel.Pde, pdeAddress, pde, pde | (uint)EntryBits.Accessed, pdeAttempt))
            {
                result = default;
                return false;
            }

            if (TrySetFlags(ref bus, ref observer, WalkLevel.Pte, address, pte, access, ref attributes, attempt))
            {
                result = WalkResult.Translated(((pte & 0xFFFF_F000) | (linear & 0xFFF)) & state.AddressMask, attributes);
                return true;
            }
        }
    }

    private static bool TrySetFlags<TBus, TObserver>(
        ref TBus bus,
        ref TObserver observer,
        WalkLevel level,
        ulong address,
        uint leaf,
        Access access,
        ref PageAttributes attributes,
        int attempt)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        uint flagged = leaf | (uint)EntryBits.Accessed | (access.IsWrite ? (uint)EntryBits.Dirty : 0);
        if (flagged != leaf && !Update(ref bus, ref observer, level, address, leaf, flagged, attempt))
        {
            return false;
        }

        attributes |= (PageAttributes)(flagged & EntryBits.Dirty);
        return true;
    }

    private static bool Update<TBus, TObserver>(
        ref TBus bus, ref TObserver observer, WalkLevel level, ulong address, uint entry, uint flagged, int attempt)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        return PageWalker.Concludes(ref observer, bus.UpdateEntry32(address, entry, flagged), level, address, flagged, attempt);
    }
}
