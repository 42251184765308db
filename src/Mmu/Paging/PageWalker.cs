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

/// <summary>
/// Translates linear addresses by reading the tables: a pure function of memory, control state, address and access.
/// </summary>
/// <remarks>
/// No cache is consulted or filled and nothing is allocated. Whatever the guest has put into its tables is a result. An
/// access that crosses a page boundary takes two calls.
/// </remarks>
public static class PageWalker
{
    // A bus that reports an entry as changed this often in a row is treated as one that drops the update.
    private const int MaxRetries = 64;

    private const ulong Used = EntryBits.Present | EntryBits.Accessed;

    /// <summary>Translates one linear address for one access over a bare buffer.</summary>
    /// <param name="memory">Guest RAM; index 0 is physical address 0. Beyond its end every byte reads as FFh.</param>
    /// <param name="state">Control state with the PDPTEs as latched; they are not read again.</param>
    /// <param name="linear">Byte address, any alignment.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <returns>The physical byte address, or the page fault to deliver.</returns>
    /// <exception cref="ArgumentException"><paramref name="memory"/> is empty.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)] // one call, whose span stays in registers; inlined, it would take the caller's
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

    /// <summary>Makes the same walk without a trace: memory is read only, so no accessed or dirty flag is set.</summary>
    /// <typeparam name="TBus">The memory.</typeparam>
    /// <typeparam name="TObserver">The observer.</typeparam>
    /// <param name="bus">The memory. A device behind a table address sees the loads.</param>
    /// <param name="observer">Sees every entry loaded, in order.</param>
    /// <param name="state">Control state with the PDPTEs as latched; they are not read again.</param>
    /// <param name="linear">Byte address, any alignment.</param>
    /// <param name="access">What would be done, and by whom.</param>
    /// <returns>What the walk would return: the physical byte address with D set for a write, or the page fault.</returns>
    public static WalkResult Probe<TBus, TObserver>(
        ref TBus bus, ref TObserver observer, in PagingState state, uint linear, Access access)
        where TBus : struct, IBus, allows ref struct
        where TObserver : struct, IWalkObserver, allows ref struct
    {
        var reader = new ReadOnlyBus<TBus>(bus);
        return Walk(ref reader, ref observer, in state, linear, access);
    }

    /// <summary>The second half of a walk in any mode, from a page-directory entry that is known to be present and valid.</summary>
    /// <remarks>The directory is not read again.</remarks>
    internal static WalkResult WalkTable<TBus>(ref TBus bus, in PagingState state, uint linear, Access access, ulong pde)
        where TBus : struct, IBus, allows ref struct
    {
        NoObserver observer = default;
        return state.Mode == PagingMode.Pae
            ? WalkTable(ref bus, ref observer, in state, linear, access, pde)
            : TwoLevelWalker.WalkTable(ref bus, ref observer, in state, linear, access, (uint)pde);
    }

    /// <summary>The second half of a walk: from a page-directory entry that is known to be present and valid.</summary>
    /// <remarks>The PDE cache enters here; the directory is not read again.</remarks>
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
            ? Fault(in state, linear, access, PageFaultErrorCode.None) // the usual fault, as WalkLeaf would find it, without a call
            : WalkLeaf(ref bus, ref observer, in state, linear, access, pde, address, pte);
    }

    /// <summary>Any walk over a bare buffer.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the bus, which is on the stack, out of the usual walk
    private static WalkResult WalkSpan(Span<byte> memory, in PagingState state, uint linear, Access access)
    {
        var bus = new SpanBus(memory);
        return Walk(ref bus, in state, linear, access);
    }

    /// <summary>A walk over a bare buffer from a directory entry as it was read, whatever it is.</summary>
    /// <remarks>The table entry is read again, if it has been.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)] // as above
    private static WalkResult WalkSpan(Span<byte> memory, in PagingState state, uint linear, Access access, ulong pde)
    {
        var bus = new SpanBus(memory);
        NoObserver observer = default;
        ulong address = DirectoryEntryAddress(state.Pdptes[(int)(linear >> 30)], linear, in state);
        return WalkDirectory(ref bus, ref observer, in state, linear, access, address, pde);
    }

    /// <summary>The end of a walk from a table entry as it was read, whatever it is.</summary>
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
    /// FaultAccessedPolicy.None and A clear in the PDE: it is set once the walk is known to succeed, before the leaf.
    /// </summary>
    /// <returns>False when the PDE changed before it could be flagged and must be read again.</returns>
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

    /// <summary>The checks of a table entry, in the order of the manual.</summary>
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

    /// <summary>The usual end of a walk: a page without PAT that was used before, and that the access has a right to.</summary>
    /// <param name="state">Control state.</param>
    /// <param name="linear">The address.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="pde">The directory entry, present and valid.</param>
    /// <param name="pte">The table entry as it was read.</param>
    /// <param name="result">The translation; undefined where there is more to do.</param>
    /// <returns>False where anything else is to be done: see <see cref="WalkLeaf"/>.</returns>
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

    /// <summary>A leaf with A set, and D for a write.</summary>
    private static ulong Flagged(ulong leaf, Access access) =>
        leaf | EntryBits.Accessed | access.DirtyFlag;

    /// <summary>The fault for an access, with the causes found.</summary>
    internal static WalkResult Fault(in PagingState state, uint linear, Access access, PageFaultErrorCode cause) =>
        WalkResult.Faulted(linear, cause | (access.ErrorCode & state.ReportedErrorBits));

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

    /// <summary>The usual walk in a straight line; what has to be flagged, large or refused goes on out of line.</summary>
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

    /// <summary>PdpteMode.WalkOnDemand: the PDPTE is read from memory like any other entry.</summary>
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

    /// <summary>The walk from a directory entry as it was read, whatever it is.</summary>
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
