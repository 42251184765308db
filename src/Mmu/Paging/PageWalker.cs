// The walk of PAE paging. Intel SDM vol. 3, 4.4.2 (translation), 4.6 (rights), 4.7 (error code), 4.8 (A and D).
//
//   linear    31  30 29        21 20        12 11         0
//            +------+------------+------------+------------+
//            | GiB  | PDE index  | PTE index  | offset     |
//            +------+------------+------------+------------+
//               |        |            |
//   PDPTE register --> PDE ---------> PTE --> 4-KiB page     or  PDE (PS = 1) --> 2-MiB page, offset 20:0
//
//   At each level the walk checks P first and then reserved bits. It checks rights at the end, over all levels together. It sets
//   A in a directory entry before it reads the page table, and A and D in the leaf after the rights check, each by
//   compare-exchange and only where the flag is clear.
//
//   TwoLevelWalker has the walk of two-level paging (PAE = 0; 4.3).

using System.Runtime.CompilerServices;
using X86Pae.Memory;

namespace X86Pae.Paging;

/// <summary>
/// Translates linear addresses by reading the tables: a pure function of memory, control state, address and access.
/// </summary>
/// <remarks>
/// A walk neither reads nor fills translation caches, and allocates nothing. Whatever the guest has put into its tables, the walk
/// has a result. An access that crosses a page takes two calls.
/// </remarks>
public static class PageWalker
{
    // If a bus reports an entry as changed 64 times in a row, the walk goes on as if the bus had dropped the update.
    private const int MaxRetries = 64;

    private const ulong Used = EntryBits.Present | EntryBits.Accessed;

    /// <summary>Translates one linear address for one access, with guest RAM in a span.</summary>
    /// <param name="memory">Guest RAM; index 0 is physical address 0. Beyond its end every byte reads as FFh.</param>
    /// <param name="state">The control state, with the PDPTE registers.</param>
    /// <param name="linear">Linear byte address, any alignment.</param>
    /// <param name="access">What is done, and on whose behalf.</param>
    /// <returns>The physical byte address, or the page fault to deliver.</returns>
    /// <exception cref="ArgumentException"><paramref name="memory"/> is empty.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)] // as a call of its own it keeps the span in registers
    public static WalkResult Walk(Span<byte> memory, in PagingState state, uint linear, Access access)
    {
        ulong pdpte = state.WalksFromRegisters ? state.Pdptes[(int)(linear >> 30)] : 0;
        if ((pdpte & EntryBits.Present) == 0
            || !SpanBus.TryLoadEntry64(memory, DirectoryEntryAddress(pdpte, linear, in state), out ulong pde))
        {
            return WalkSpan(memory, in state, linear, access);
        }

        if ((pde & state.UsedTableMask) == Used
            && SpanBus.TryLoadEntry64(memory, TableEntryAddress(pde, linear, in state), out ulong pte))
        {
            if (TryFinish(in state, linear, access, pde, pte, out WalkResult result))
            {
                return result;
            }

            if ((pte & EntryBits.Present) == 0)
            {
                return Fault(in state, linear, access, PageFaultErrorCode.None);
            }
        }

        return WalkSpan(memory, in state, linear, access, pde);
    }

    /// <summary>Translates one linear address for one access over any bus.</summary>
    /// <typeparam name="TBus">The memory.</typeparam>
    /// <param name="bus">The memory.</param>
    /// <param name="state">The control state, with the PDPTE registers.</param>
    /// <param name="linear">Linear byte address, any alignment.</param>
    /// <param name="access">What is done, and on whose behalf.</param>
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
    /// <param name="state">The control state, with the PDPTE registers.</param>
    /// <param name="linear">Linear byte address, any alignment.</param>
    /// <param name="access">What is done, and on whose behalf.</param>
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

    /// <summary>Translates one linear address without setting an accessed or dirty flag.</summary>
    /// <typeparam name="TBus">The memory.</typeparam>
    /// <typeparam name="TObserver">The observer.</typeparam>
    /// <param name="bus">The memory. A device behind a table address sees the loads.</param>
    /// <param name="observer">Sees every entry loaded, in order.</param>
    /// <param name="state">The control state, with the PDPTE registers.</param>
    /// <param name="linear">Linear byte address, any alignment.</param>
    /// <param name="access">What the access would do, and on whose behalf.</param>
    /// <returns>The result of the walk that would set the flags: for a write the attributes have D.</returns>
    public static WalkResult Probe<TBus, TObserver>(
        ref TBus bus, ref TObserver observer, in PagingState state, uint linear, Access access)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        var reader = new ReadOnlyBus<TBus>(bus);
        return Walk(ref reader, ref observer, in state, linear, access);
    }

    /// <summary>
    /// Walks in any mode from a page-directory entry that is known to be present and valid. The directory is not read.
    /// </summary>
    internal static WalkResult WalkTable<TBus>(ref TBus bus, in PagingState state, uint linear, Access access, ulong pde)
        where TBus : struct, IBus, allows ref struct
    {
        NoObserver observer = default;
        return state.Mode == PagingMode.Pae
            ? WalkTable(ref bus, ref observer, in state, linear, access, pde)
            : TwoLevelWalker.WalkTable(ref bus, ref observer, in state, linear, access, (uint)pde);
    }

    /// <summary>Walks from a page-directory entry that is known to be present and valid. The directory is not read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the second half of every walk
    internal static WalkResult WalkTable<TBus, TObserver>(
        ref TBus bus, ref TObserver observer, in PagingState state, uint linear, Access access, ulong pde)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        ulong address = TableEntryAddress(pde, linear, in state);
        ulong pte = bus.LoadEntry64(address);
        observer.EntryLoaded(WalkLevel.Pte, address, pte);
        if (TryFinish(in state, linear, access, pde, pte, out WalkResult result))
        {
            return result;
        }

        return (pte & EntryBits.Present) == 0
            ? Fault(in state, linear, access, PageFaultErrorCode.None) // WalkLeaf would find it too; this saves a call
            : WalkLeaf(ref bus, ref observer, in state, linear, access, pde, address, pte);
    }

    /// <summary>Walks in any mode over a span.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // its bus is on the stack, and would slow down an inlining walk
    private static WalkResult WalkSpan(Span<byte> memory, in PagingState state, uint linear, Access access)
    {
        var bus = new SpanBus(memory);
        return Walk(ref bus, in state, linear, access);
    }

    /// <summary>
    /// Walks over a span from a directory entry that has been read and not checked. The table entry is read anew.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // its bus is on the stack, and would slow down an inlining walk
    private static WalkResult WalkSpan(Span<byte> memory, in PagingState state, uint linear, Access access, ulong pde)
    {
        var bus = new SpanBus(memory);
        NoObserver observer = default;
        ulong address = DirectoryEntryAddress(state.Pdptes[(int)(linear >> 30)], linear, in state);
        return WalkDirectory(ref bus, ref observer, in state, linear, access, address, pde);
    }

    /// <summary>Ends a walk at a table entry that has been read and not checked.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the walk to used pages small
    internal static WalkResult WalkLeaf<TBus, TObserver>(
        ref TBus bus, ref TObserver observer, in PagingState state, uint linear, Access access, ulong pde, ulong address, ulong pte)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        for (int attempt = 0; ; attempt++)
        {
            if (attempt != 0)
            {
                pte = bus.LoadEntry64(address);
                observer.EntryLoaded(WalkLevel.Pte, address, pte);
            }

            PageAttributes attributes = LeafEntry.SmallPage(pde, pte, in state);
            if (Refuses(in state, linear, access, pte, attributes, out WalkResult fault))
            {
                return fault;
            }

            ulong flagged = Flagged(pte, access);
            if (flagged == pte || Update(ref bus, ref observer, WalkLevel.Pte, address, pte, flagged, attempt))
            {
                return WalkResult.Translated(
                    PageAddress(pte, linear, in state), attributes | (PageAttributes)(flagged & EntryBits.Dirty));
            }
        }
    }

    /// <summary>
    /// Walks below a PDE whose A is clear, and sets A once the walk is known to succeed (FaultAccessedPolicy.None).
    /// </summary>
    /// <returns>False if the PDE has changed before A could be set, so that it must be read again.</returns>
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
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        ulong address = TableEntryAddress(pde, linear, in state);
        ulong pte = bus.LoadEntry64(address);
        observer.EntryLoaded(WalkLevel.Pte, address, pte);
        if (Refuses(in state, linear, access, pte, LeafEntry.SmallPage(pde, pte, in state), out result))
        {
            return true;
        }

        if (!Update(ref bus, ref observer, WalkLevel.Pde, pdeAddress, pde, pde | EntryBits.Accessed, pdeAttempt))
        {
            return false;
        }

        result = WalkLeaf(ref bus, ref observer, in state, linear, access, pde, address, pte);
        return true;
    }

    /// <summary>Checks a table entry in the order of the manual.</summary>
    private static bool Refuses(
        in PagingState state, uint linear, Access access, ulong pte, PageAttributes attributes, out WalkResult fault)
    {
        bool present = (pte & EntryBits.Present) != 0;
        bool reserved = (pte & state.ReservedPte) != 0;
        if (present && !reserved && !AccessRights.Denies(state.Denied, access, attributes))
        {
            fault = default;
            return false;
        }

        fault = Fault(
            in state,
            linear,
            access,
            !present ? PageFaultErrorCode.None : reserved ? state.ReservedFault : PageFaultErrorCode.Present);
        return true;
    }

    /// <summary>Physical address of the table entry for a linear address.</summary>
    internal static ulong TableEntryAddress(ulong pde, uint linear, in PagingState state) =>
        (pde & state.FrameMask) | ((linear >> 9) & 0xFF8);

    private static ulong PageAddress(ulong pte, uint linear, in PagingState state) =>
        (pte & state.FrameMask) | (linear & 0xFFF);

    /// <summary>
    /// Ends a walk to a page that has been used before, has PAT clear, and gives the access the rights it needs.
    /// </summary>
    /// <param name="state">Control state.</param>
    /// <param name="linear">The address.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="pde">The directory entry, present and valid.</param>
    /// <param name="pte">The table entry as it was read.</param>
    /// <param name="result">The translation; undefined where the method returns false.</param>
    /// <returns>False for any other page; <see cref="WalkLeaf"/> then ends the walk.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a few masks in every walk
    internal static bool TryFinish(in PagingState state, uint linear, Access access, ulong pde, ulong pte, out WalkResult result)
    {
        PageAttributes attributes = LeafEntry.SmallPage(pde, pte, in state);
        if ((pte & state.UsedPageMask) != Used
            || (access.DirtyFlag & ~pte) != 0
            || AccessRights.Denies(state.Denied, access, attributes))
        {
            Unsafe.SkipInit(out result);
            return false;
        }

        result = WalkResult.Translated(PageAddress(pte, linear, in state), attributes);
        return true;
    }

    /// <summary>Sets A in a leaf, and D for a write.</summary>
    private static ulong Flagged(ulong leaf, Access access) =>
        leaf | EntryBits.Accessed | access.DirtyFlag;

    /// <summary>Makes the fault of an access; the cause is P and RSVD of its error code.</summary>
    internal static WalkResult Fault(in PagingState state, uint linear, Access access, PageFaultErrorCode cause) =>
        WalkResult.Faulted(linear, cause | (access.ErrorCode & state.ReportedErrorBits));

    /// <summary>Whether a walk goes on after a locked update. If not, it reads the entry again.</summary>
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

    /// <summary>
    /// Walks under PAE. Walks through a used table are inlined here; WalkDirectory and WalkLeaf have the others.
    /// </summary>
    private static WalkResult WalkPae<TBus, TObserver>(
        ref TBus bus, ref TObserver observer, in PagingState state, uint linear, Access access)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        if (state.PdpteOnDemand)
        {
            return WalkFromPdpt(ref bus, ref observer, in state, linear, access);
        }

        ulong pdpte = state.Pdptes[(int)(linear >> 30)];
        if ((pdpte & EntryBits.Present) == 0)
        {
            return Fault(in state, linear, access, PageFaultErrorCode.None);
        }

        ulong address = DirectoryEntryAddress(pdpte, linear, in state);
        ulong pde = bus.LoadEntry64(address);
        observer.EntryLoaded(WalkLevel.Pde, address, pde);
        return (pde & state.UsedTableMask) == Used
            ? WalkTable(ref bus, ref observer, in state, linear, access, pde)
            : WalkDirectory(ref bus, ref observer, in state, linear, access, address, pde);
    }

    /// <summary>Walks from a PDPTE in memory (PdpteMode.WalkOnDemand).</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the walk from registers small
    private static WalkResult WalkFromPdpt<TBus, TObserver>(
        ref TBus bus, ref TObserver observer, in PagingState state, uint linear, Access access)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        ulong pdpteAddress = (state.TableBase + ((linear >> 27) & 0x18)) & state.AddressMask;
        ulong pdpte = LoadPdpte(ref bus, ref observer, in state, pdpteAddress);
        if ((pdpte & EntryBits.Present) == 0)
        {
            return Fault(in state, linear, access, PageFaultErrorCode.None);
        }

        if ((pdpte & state.ReservedPdpte) != 0)
        {
            return Fault(in state, linear, access, state.ReservedFault);
        }

        ulong address = DirectoryEntryAddress(pdpte, linear, in state);
        ulong pde = bus.LoadEntry64(address);
        observer.EntryLoaded(WalkLevel.Pde, address, pde);
        return WalkDirectory(ref bus, ref observer, in state, linear, access, address, pde);
    }

    /// <summary>Physical address of the directory entry for a linear address.</summary>
    internal static ulong DirectoryEntryAddress(ulong pdpte, uint linear, in PagingState state) =>
        (pdpte & state.FrameMask) | ((linear >> 18) & 0xFF8);

    /// <summary>Walks from a directory entry that has been read and not checked.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the walk through used tables small
    private static WalkResult WalkDirectory<TBus, TObserver>(
        ref TBus bus, ref TObserver observer, in PagingState state, uint linear, Access access, ulong address, ulong pde)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        for (int attempt = 0; ; attempt++)
        {
            if (attempt != 0)
            {
                pde = bus.LoadEntry64(address);
                observer.EntryLoaded(WalkLevel.Pde, address, pde);
            }

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

                PageAttributes attributes = LeafEntry.LargePage(pde, in state);
                if (AccessRights.Denies(state.Denied, access, attributes))
                {
                    return Fault(in state, linear, access, PageFaultErrorCode.Present);
                }

                ulong flagged = Flagged(pde, access);
                if (flagged == pde || Update(ref bus, ref observer, WalkLevel.Pde, address, pde, flagged, attempt))
                {
                    ulong physical = (pde & EntryBits.LargeFrame) | (linear & 0x1F_FFFF);
                    return WalkResult.Translated(
                        physical & state.AddressMask, attributes | (PageAttributes)(flagged & EntryBits.Dirty));
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

    /// <summary>Reads a PDPTE from memory, and sets its bit 5 if <see cref="PagingOptions.SetsPdpteAccessed"/> says so.</summary>
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

    [MethodImpl(MethodImplOptions.NoInlining)] // rarely needed: each flag is set once
    private static bool Update<TBus, TObserver>(
        ref TBus bus, ref TObserver observer, WalkLevel level, ulong address, ulong entry, ulong flagged, int attempt)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        return Concludes(ref observer, bus.UpdateEntry64(address, entry, flagged), level, address, flagged, attempt);
    }
}
