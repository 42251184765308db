// What a processor may answer for an address depends on what it may have cached (Intel SDM vol. 3, 4.10):
//
//   directory entries   every valid one with A set that stood in memory since such entries were last invalidated
//   translations        every page that memory, or the table that one of those entries points to, has mapped with A set
//                       since translations of the page were last invalidated
//
// Both sets are kept for each page of interest: whatever is valid is added, only an invalidation removes.

using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>Which results of an access are permitted, after a given history of one processor.</summary>
/// <typeparam name="TBus">Physical memory.</typeparam>
/// <remarks>
/// <para>
/// It is told what happens and answers for any processor that keeps to the manual, whatever its caches are: what it does not
/// permit is an error of the processor, and where it permits more than one result, software has left out an invalidation.
/// Memory is only read.
/// </para>
/// <para>
/// It knows what it is told. <see cref="Observe"/> is due after every change of memory that holds tables, by this processor
/// or another, flags set by walks included, and after a change of the control state that drops nothing; one of the others
/// after each event that obliges a processor to drop something.
/// </para>
/// </remarks>
public sealed class TranslationHistory<TBus>
    where TBus : struct, IBus
{
    /// <summary>A read that no right ever denies.</summary>
    private static readonly Access AnyRead = new(AccessKind.Read, AccessMode.Supervisor, alignmentCheck: true);

    private readonly Dictionary<uint, CacheablePage> _pages = [];
    private readonly TBus _bus;
    private PagingState _state;

    /// <summary>Starts a history with empty caches.</summary>
    /// <param name="bus">Physical memory.</param>
    /// <param name="state">The processor's control state.</param>
    /// <param name="pages">The pages of interest, each by any address in it.</param>
    public TranslationHistory(TBus bus, in PagingState state, IEnumerable<uint> pages)
    {
        ArgumentNullException.ThrowIfNull(pages);
        _bus = bus;
        foreach (uint linear in pages)
        {
            _pages[linear >> 12] = new CacheablePage(linear & ~0xFFFu);
        }

        Observe(in state);
    }

    private ReadOnlyBus<TBus> Memory => new(_bus);

    private int LargePageShift => _state.Mode == PagingMode.TwoLevel ? 22 : 21;

    /// <summary>The tables, or the control registers, have changed: what they say now may be cached from now on.</summary>
    /// <param name="state">The processor's control state as it is now.</param>
    public void Observe(in PagingState state)
    {
        _state = state;
        foreach (CacheablePage page in _pages.Values)
        {
            AddCacheable(page);
        }
    }

    /// <summary>
    /// A flush: <see cref="Invalidation.NonGlobal"/> for MOV to CR3, a task switch that changes CR3 and INVPCID types 1 and 3;
    /// <see cref="Invalidation.All"/> for turning paging off, a change of CR4.PGE or CR4.PAE, setting CR4.SMEP, INVPCID type 2,
    /// writing an MTRR, and A20M#.
    /// </summary>
    /// <param name="invalidation">What had to be dropped.</param>
    /// <param name="state">The processor's control state after the event.</param>
    public void Flushed(Invalidation invalidation, in PagingState state)
    {
        if (invalidation != Invalidation.None)
        {
            foreach (CacheablePage page in _pages.Values)
            {
                page.DirectoryEntries.Clear();
                page.Drop(dropsSmall: true, dropsLarge: true, dropsGlobal: invalidation == Invalidation.All);
            }
        }

        Observe(in state);
    }

    /// <summary>INVLPG: the page, and all directory entries.</summary>
    /// <param name="linear">Its operand.</param>
    public void PageInvalidated(uint linear)
    {
        foreach (CacheablePage page in _pages.Values)
        {
            page.DirectoryEntries.Clear();
        }

        DropPage(linear, dropsGlobal: true);
    }

    /// <summary>INVPCID type 0: the page unless it is global, and the directory entry for it.</summary>
    /// <param name="linear">The address in the descriptor.</param>
    public void NonGlobalPageInvalidated(uint linear) => DropPage(linear, dropsGlobal: false);

    /// <summary>A page fault: the page, and the directory entry for it. At most one fault is spurious.</summary>
    /// <param name="linear">The faulting address.</param>
    public void PageFaulted(uint linear) => DropPage(linear, dropsGlobal: true);

    /// <summary>Every result that an access may have now, that of memory alone first.</summary>
    /// <param name="linear">An address in a page of interest.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <returns>
    /// Results without repetition. <see cref="PageAttributes.Dirty"/> is set exactly for writes: whether a read was served by a
    /// clean translation shows in nothing that software can see.
    /// </returns>
    /// <exception cref="ArgumentException"><paramref name="linear"/> is in no page of interest.</exception>
    public IReadOnlyList<WalkResult> Permitted(uint linear, Access access)
    {
        if (!_pages.TryGetValue(linear >> 12, out CacheablePage? page))
        {
            throw new ArgumentException($"{linear:X8}h is in no page of interest.", nameof(linear));
        }

        ReadOnlyBus<TBus> memory = Memory;
        List<WalkResult> results = [Normalized(PageWalker.Walk(ref memory, in _state, linear, access), access)];
        NoObserver observer = default;
        foreach (ulong pde in page.DirectoryEntries)
        {
            Add(results, Normalized(WalkTable(ref observer, linear, access, pde), access));
        }

        foreach (WalkResult translation in page.Translations)
        {
            if (AccessRights.Denies(_state.Denied, access, translation.Attributes))
            {
                Add(results, PageWalker.Fault(in _state, linear, access, PageFaultErrorCode.Present));
            }
            else if (!access.IsWrite || (translation.Attributes & PageAttributes.Dirty) != 0)
            {
                WalkResult atOffset = WalkResult.Translated(
                    translation.PhysicalAddress | (linear & 0xFFF), translation.Attributes);
                Add(results, Normalized(atOffset, access));
            }
        }

        return results;
    }

    /// <summary>Whether a result of an access is permitted now.</summary>
    /// <param name="linear">An address in a page of interest.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="result">
    /// The result; for a read its <see cref="PageAttributes.Dirty"/> does not count, and neither does what the PAT said when the
    /// translation was filled.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="linear"/> is in no page of interest.</exception>
    public bool Permits(uint linear, Access access, WalkResult result) =>
        Permitted(linear, access).Contains(Normalized(result, access));

    /// <summary>What counts of a result: neither the memory type, nor for a read whether its translation was clean.</summary>
    private static WalkResult Normalized(WalkResult result, Access access) => result.IsFault
        ? result
        : WalkResult.Translated(
            result.PhysicalAddress, access.IsWrite ? result.Attributes : result.Attributes & ~PageAttributes.Dirty);

    private static void Add<T>(List<T> values, T value)
    {
        if (!values.Contains(value))
        {
            values.Add(value);
        }
    }

    /// <summary>Adds what a walk could cache for a page at this moment.</summary>
    private void AddCacheable(CacheablePage page)
    {
        AccessedObserver observer = default;
        ReadOnlyBus<TBus> memory = Memory;
        WalkResult result = PageWalker.Walk(ref memory, ref observer, in _state, page.Linear, AnyRead);
        if (observer.ReachedTable && observer.DirectoryEntryAccessed)
        {
            Add(page.DirectoryEntries, observer.DirectoryEntry);
        }
        else if (!result.IsFault && observer.DirectoryEntryAccessed)
        {
            Add(page.Translations, result);
        }

        foreach (ulong pde in page.DirectoryEntries)
        {
            result = WalkTable(ref observer, page.Linear, AnyRead, pde);
            if (!result.IsFault && observer.TableEntryAccessed)
            {
                Add(page.Translations, result);
            }
        }
    }

    private WalkResult WalkTable<TObserver>(ref TObserver observer, uint linear, Access access, ulong pde)
        where TObserver : struct, IWalkObserver
    {
        ReadOnlyBus<TBus> memory = Memory;
        return _state.Mode == PagingMode.Pae
            ? PageWalker.WalkTable(ref memory, ref observer, in _state, linear, access, pde)
            : TwoLevelWalker.WalkTable(ref memory, ref observer, in _state, linear, access, (uint)pde);
    }

    private void DropPage(uint linear, bool dropsGlobal)
    {
        foreach (CacheablePage page in _pages.Values)
        {
            bool sameRegion = page.Linear >> LargePageShift == linear >> LargePageShift;
            if (sameRegion)
            {
                page.DirectoryEntries.Clear();
                page.Drop(dropsSmall: page.Linear >> 12 == linear >> 12, dropsLarge: true, dropsGlobal);
            }
        }

        Observe(in _state);
    }
}
