// The walk of PAE paging. Intel SDM vol. 3, 4.4.2 (translation), 4.6 (rights), 4.7 (error code), 4.8 (A and D).
//
//   linear    31  30 29        21 20        12 11         0
//            +------+------------+------------+------------+
//            | GiB  | PDE index  | PTE index  | offset     |
//            +------+------------+------------+------------+
//               |        |            |
//   PDPTE register --> PDE ---------> PTE --> 4-KiB page     or  PDE (PS = 1) --> 2-MiB page, offset 20:0
//
//   At each level: P first, then reserved bits; rights only at the end, over all levels together. A is set in a directory
//   entry before the page table is read, A and D in the leaf after the rights check, each by compare-exchange and only
//   where clear.
//
//   Two-level paging (PAE = 0) differs in the indices (31:22, 21:12), in 32-bit entries and in 4-MiB pages; 4.3.

using System.Runtime.CompilerServices;
using X86Pae.Memory;

namespace X86Pae.Paging;

/// <summary>Translates linear addresses by reading the tables: a pure function of memory, control state, address and access.</summary>
/// <remarks>
/// No cache is consulted or filled and nothing is allocated. Whatever the guest has put into its tables is a result. An
/// access that crosses a page boundary takes two calls.
/// </remarks>
public static class PageWalker
{
    // A bus that reports an entry as changed this often in a row is treated as one that drops the update.
    private const int MaxRetries = 64;

    /// <summary>Translates one linear address for one access over a bare buffer.</summary>
    /// <param name="memory">Guest RAM; index 0 is physical address 0. Beyond its end every byte reads as FFh.</param>
    /// <param name="state">Control state with the PDPTEs as latched; they are not read again.</param>
    /// <param name="linear">Byte address, any alignment.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <returns>The physical byte address, or the page fault to deliver.</returns>
    /// <exception cref="ArgumentException"><paramref name="memory"/> is empty.</exception>
    public static WalkResult Walk(Span<byte> memory, in PagingState state, uint linear, Access access)
    {
        var bus = new SpanBus(memory);
        return Walk(ref bus, in state, linear, access);
    }

    /// <summary>Translates one linear address for one access over any bus.</summary>
    /// <typeparam name="TBus">The memory.</typeparam>
    /// <param name="bus">The memory.</param>
    /// <param name="state">Control state with the PDPTEs as latched; they are not read again.</param>
    /// <param name="linear">Byte address, any alignment.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <returns>The physical byte address, or the page fault to deliver.</returns>
    public static WalkResult Walk<TBus>(ref TBus bus, in PagingState state, uint linear, Access access)
        where TBus : struct, IBus, allows ref struct
    {
        NoObserver observer = default;
        return Walk(ref bus, ref observer, in state, linear, access);
    }

    /// <summary>Translates one linear address and shows each table access to an observer.</summary>
    /// <typeparam name="TBus">The memory.</typeparam>
    /// <typeparam name="TObserver">The observer.</typeparam>
    /// <param name="bus">The memory.</param>
    /// <param name="observer">Sees every entry loaded and updated, in order.</param>
    /// <param name="state">Control state with the PDPTEs as latched; they are not read again.</param>
    /// <param name="linear">Byte address, any alignment.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <returns>The physical byte address, or the page fault to deliver.</returns>
    public static WalkResult Walk<TBus, TObserver>(
        ref TBus bus, ref TObserver observer, in PagingState state, uint linear, Access access)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        return state.Mode switch
        {
            PagingMode.Pae => WalkPae(ref bus, ref observer, in state, linear, access),
            PagingMode.TwoLevel => TwoLevelWalker.Walk(ref bus, ref observer, in state, linear, access),
            _ => WalkResult.Translated(linear & state.AddressMask, PageAttributes.User | PageAttributes.Writable | PageAttributes.Dirty),
        };
    }

    /// <summary>The second half of a walk: from a page-directory entry that is known to be present and valid.</summary>
    /// <remarks>The PDE cache enters here; the directory is not read again.</remarks>
    internal static WalkResult WalkTable<TBus, TObserver>(
        ref TBus bus, ref TObserver observer, in PagingState state, uint linear, Access access, ulong pde)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        TryWalkTable(ref bus, ref observer, in state, linear, access, pde, flagPde: false, 0, 0, out WalkResult result);
        return result;
    }

    /// <summary>The fault for an access, with the causes found.</summary>
    internal static WalkResult Fault(in PagingState state, uint linear, Access access, PageFaultErrorCode cause) =>
        WalkResult.Faulted(linear, cause | (access.ErrorCode & state.ReportedErrorBits));

    /// <summary>U, W and XD of a page from the AND of its entries and the OR of their XD bits.</summary>
    /// <remarks>
    /// Bit 63 of an entry that passed the check of reserved bits is XD, whatever NXE is by now: a PDE from the PDE cache keeps
    /// it, as a cached translation does.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a few shifts in every walk
    internal static PageAttributes Rights(ulong combined, ulong executeDisable) =>
        (PageAttributes)(((combined >> 2) & 1) | (combined & EntryBits.Writable) | (executeDisable >> 61));

    /// <summary>PWT, PCD, D and G of a leaf; they stand at the same bits in <see cref="PageAttributes"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // one mask in every walk
    internal static PageAttributes LeafAttributes(ulong leaf, in PagingState state) =>
        (PageAttributes)(leaf & (EntryBits.WriteThrough | EntryBits.CacheDisable | EntryBits.Dirty | state.Global));

    /// <summary>FaultAccessedPolicy.None and A clear in the PDE: it is set once the walk is known to succeed, before the leaf.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // rare: each PDE is flagged once
    private static bool TryWalkUnusedTable<TBus, TObserver>(
        ref TBus bus,
        ref TObserver observer,
        in PagingState state,
        uint linear,
        Access access,
        ulong pde,
        ulong pdeAddress,
        int pdeAttempt,
        out WalkResult result)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct =>
        TryWalkTable(ref bus, ref observer, in state, linear, access, pde, flagPde: true, pdeAddress, pdeAttempt, out result);

    /// <summary>The table's part of the walk; false when the PDE changed before it could be flagged and must be read again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the flag is a constant to both callers
    private static bool TryWalkTable<TBus, TObserver>(
        ref TBus bus,
        ref TObserver observer,
        in PagingState state,
        uint linear,
        Access access,
        ulong pde,
        bool flagPde,
        ulong pdeAddress,
        int pdeAttempt,
        out WalkResult result)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        ulong address = ((pde & EntryBits.Frame) | ((linear >> 9) & 0xFF8)) & state.AddressMask;
        for (int attempt = 0; ; attempt++)
        {
            ulong pte = bus.LoadEntry64(address);
            observer.EntryLoaded(WalkLevel.Pte, address, pte);
            if ((pte & EntryBits.Present) == 0)
            {
                result = Fault(in state, linear, access, PageFaultErrorCode.None);
                return true;
            }

            if ((pte & state.ReservedPte) != 0)
            {
                result = Fault(in state, linear, access, state.ReservedFault);
                return true;
            }

            PageAttributes attributes = Rights(pde & pte, (pde | pte) & EntryBits.ExecuteDisable)
                | LeafAttributes(pte, in state) | (PageAttributes)((pte & EntryBits.PtePat) >> 2);
            if (AccessRights.Denies(state.Denied, access, attributes))
            {
                result = Fault(in state, linear, access, PageFaultErrorCode.Present);
                return true;
            }

            if (flagPde && attempt == 0
                && !Update(ref bus, ref observer, WalkLevel.Pde, pdeAddress, pde, pde | EntryBits.Accessed, pdeAttempt))
            {
                result = default;
                return false;
            }

            if (TrySetFlags(ref bus, ref observer, WalkLevel.Pte, address, pte, access, ref attributes, attempt))
            {
                result = WalkResult.Translated(((pte & EntryBits.Frame) | (linear & 0xFFF)) & state.AddressMask, attributes);
                return true;
            }
        }
    }

    /// <summary>Whether a walk goes on after a locked update; if not, it reads the entry again.</summary>
    internal static bool Concludes<TObserver>(
        ref TObserver observer, EntryUpdate outcome, WalkLevel level, ulong address, ulong flagged, int attempt)
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        if (outcome == EntryUpdate.Done)
        {
            observer.EntryUpdated(level, address, flagged);
        }

        return outcome != EntryUpdate.Changed || attempt >= MaxRetries;
    }

    /// <summary>Sets A, and D for a write, in a 64-bit leaf; false when the entry changed and must be evaluated again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the usual case is one compare: flags already set
    private static bool TrySetFlags<TBus, TObserver>(
        ref TBus bus,
        ref TObserver observer,
        WalkLevel level,
        ulong address,
        ulong leaf,
        Access access,
        ref PageAttributes attributes,
        int attempt)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        ulong flagged = leaf | EntryBits.Accessed | (access.IsWrite ? EntryBits.Dirty : 0);
        if (flagged == leaf)
        {
            return true;
        }

        if (!Update(ref bus, ref observer, level, address, leaf, flagged, attempt))
        {
            return false;
        }

        attributes |= (PageAttributes)(flagged & EntryBits.Dirty);
        return true;
    }

    private static WalkResult WalkPae<TBus, TObserver>(
        ref TBus bus, ref TObserver observer, in PagingState state, uint linear, Access access)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        ulong pdpte = state.Pdptes[(int)(linear >> 30)];
        if (state.PdpteOnDemand)
        {
            ulong pdpteAddress = (state.TableBase + ((linear >> 27) & 0x18)) & state.AddressMask;
            pdpte = LoadPdpte(ref bus, ref observer, in state, pdpteAddress);
        }

        if ((pdpte & EntryBits.Present) == 0)
        {
            return Fault(in state, linear, access, PageFaultErrorCode.None);
        }

        if (state.PdpteOnDemand && (pdpte & state.ReservedPdpte) != 0)
        {
            return Fault(in state, linear, access, state.ReservedFault);
        }

        ulong address = ((pdpte & EntryBits.Frame) | ((linear >> 18) & 0xFF8)) & state.AddressMask;
        for (int attempt = 0; ; attempt++)
        {
            ulong pde = bus.LoadEntry64(address);
            observer.EntryLoaded(WalkLevel.Pde, address, pde);
            if ((pde & EntryBits.Present) == 0)
            {
                return Fault(in state, linear, access, PageFaultErrorCode.None);
            }

            if ((pde & EntryBits.LargePage) != 0)
            {
                if ((pde & state.ReservedLargePde) != 0)
                {
                    return Fault(in state, linear, access, state.ReservedFault);
                }

                PageAttributes attributes = Rights(pde, pde & EntryBits.ExecuteDisable) | LeafAttributes(pde, in state)
                    | (PageAttributes)((pde & EntryBits.LargePagePat) >> 7) | PageAttributes.Large;
                if (AccessRights.Denies(state.Denied, access, attributes))
                {
                    return Fault(in state, linear, access, PageFaultErrorCode.Present);
                }

                if (TrySetFlags(ref bus, ref observer, WalkLevel.Pde, address, pde, access, ref attributes, attempt))
                {
                    ulong physical = (pde & EntryBits.LargeFrame) | (linear & 0x1F_FFFF);
                    return WalkResult.Translated(physical & state.AddressMask, attributes);
                }

                continue;
            }

            if ((pde & state.ReservedPde) != 0)
            {
                return Fault(in state, linear, access, state.ReservedFault);
            }

            if ((pde & EntryBits.Accessed) == 0)
            {
                if (!state.AccessedBeforeFault)
                {
                    if (TryWalkUnusedTable(
                        ref bus, ref observer, in state, linear, access, pde, address, attempt, out WalkResult result))
                    {
                        return result;
                    }

                    continue;
                }

                if (!Update(ref bus, ref observer, WalkLevel.Pde, address, pde, pde | EntryBits.Accessed, attempt))
                {
                    continue;
                }
            }

            return WalkTable(ref bus, ref observer, in state, linear, access, pde);
        }
    }

    /// <summary>Reads a PDPTE from memory, and flags it where a peer does.</summary>
    private static ulong LoadPdpte<TBus, TObserver>(
        ref TBus bus, ref TObserver observer, in PagingState state, ulong address)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        for (int attempt = 0; ; attempt++)
        {
            ulong pdpte = bus.LoadEntry64(address);
            observer.EntryLoaded(WalkLevel.Pdpte, address, pdpte);
            bool usable = (pdpte & EntryBits.Present) != 0 && (pdpte & state.ReservedPdpte) == 0;
            ulong flagged = pdpte | state.PdpteAccessed;
            if (!usable || flagged == pdpte
                || Update(ref bus, ref observer, WalkLevel.Pdpte, address, pdpte, flagged, attempt))
            {
                return pdpte;
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // rare: each entry is flagged once
    private static bool Update<TBus, TObserver>(
        ref TBus bus, ref TObserver observer, WalkLevel level, ulong address, ulong entry, ulong flagged, int attempt)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        return Concludes(ref observer, bus.UpdateEntry64(address, entry, flagged), level, address, flagged, attempt);
    }
}
