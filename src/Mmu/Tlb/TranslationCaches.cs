// The translation caches of one logical processor. Intel SDM vol. 3, 4.10.
//
//   payload of a translation: page frame, attributes, PAT type and verdict index; see TlbLookup
//
//   payload of the PDE cache: the page-directory entry itself (P = 1, PS = 0, A = 1, nothing reserved).
//
//   What is evaluated live is not in an entry: CPL, EFLAGS.AC, CR0.WP, CR4.SMAP, CR4.SMEP.

using System.Runtime.CompilerServices;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>Instruction and data TLBs for both page sizes, and the PDE cache.</summary>
/// <remarks>Entries really go stale: nothing here looks at memory. Only <see cref="Mmu{TBus, TTiming}"/> fills it.</remarks>
internal sealed unsafe class TranslationCaches
{
    /// <summary>What an untimed MMU asks first; a timed one never fills it.</summary>
    public HostCache Host;

    private readonly CoreArrays _arrays;
    private readonly TagOwner _owner;
    private readonly OwnerTags* _tags; // the owner's
    private readonly TagOwner _pdeOwner;
    private readonly OwnerTags* _pdeTags; // the owner's
    private readonly TranslationArray _pdes;
    private readonly TranslationArray[] _small; // each array that holds 4-KiB pages, once
    private readonly TranslationArray[] _large; // each array that holds large pages, once
    private readonly TranslationArray[] _all;
    private readonly ByAccessClass<TlbPath> _paths;
    private readonly bool _splinters;
    private readonly PinnedBuffer _straight; // of each class of access
    private int _largePageShift = 21;
    private uint _largePageOffset = 0x1F_FFFF;
    private PagingMode _mode;
    private ulong _denied;
    private ulong _addressMask;

    /// <summary>Creates empty caches.</summary>
    /// <param name="configuration">Their shapes.</param>
    /// <param name="sibling">Those of the other logical processor of the core, of the same shapes; null where there is none.</param>
    public TranslationCaches(TlbConfiguration configuration, TranslationCaches? sibling = null)
    {
        Host = new HostCache(configuration.HostCached);
        _arrays = new CoreArrays(configuration, sibling?._arrays);
        _owner = _arrays.Owner;
        _tags = _owner.Tags;
        _pdeOwner = _arrays.PdeOwner;
        _pdeTags = _pdeOwner.Tags;
        _pdes = _arrays.Pdes;
        _splinters = configuration.SplintersLargePages;
        NumbersFills = configuration.NumbersFills;

        bool hasSecondLevel = configuration.HasSecondLevel;
        bool isDisturbed = configuration.Randomization is not null;
        TlbPath fetches = PathOf(_arrays.Instruction, _arrays.SecondInstruction);
        TlbPath stores = PathOf(_arrays.Data, _arrays.SecondData);
        TlbPath loads = configuration.HasLoadLevel ? PathOf(_arrays.Load, _arrays.Data, _arrays.SecondData) : stores;
        _paths = ByAccessClass<TlbPath>.Create(access => access.IsFetch ? fetches : access.IsLoad ? loads : stores);

        _small = Existing(
        [
            _arrays.Instruction.Small,
            _arrays.Data.Small,
            _arrays.Load.Small,
            _arrays.SecondInstruction.Small,
            _arrays.SecondData.Small,
        ]);
        _large = Existing(
        [
            _arrays.Instruction.Large,
            _arrays.Data.Large,
            _arrays.Load.Large,
            _arrays.SecondInstruction.Large,
            _arrays.SecondData.Large,
        ]);
        _all = Existing([.. _small, .. _large, _pdes]);
        HasArrays = _all.Length > 0;

        TlbPath PathOf(params TlbLevel[] path) =>
            new(hasSecondLevel ? path : path[..^1], _owner, isDisturbed);

        _straight = new PinnedBuffer(ByAccessClass<TlbPath>.Count * sizeof(StraightPath));
        StraightPaths = (StraightPath*)_straight.Start;
        for (int i = 0; i < ByAccessClass<TlbPath>.Count; i++)
        {
            _paths[i].SetUp(ref StraightPaths[i], hasSecondLevel);
        }

        FollowRights();
    }

    /// <summary>What accesses ask first, by their class; valid while this object is reachable.</summary>
    public StraightPath* StraightPaths { get; }

    /// <summary>Whether any cache of a processor is modelled.</summary>
    public bool HasArrays { get; }

    /// <summary>Whether large pages are kept in pieces.</summary>
    public bool SplintersLargePages => _splinters;

    /// <summary>Address bits below the number of a large page.</summary>
    public int LargePageShift => _largePageShift;

    /// <summary>Whether entries are stamped.</summary>
    public bool NumbersFills { get; }

    /// <summary>Whether PDEs are kept at all.</summary>
    public bool HasPdeCache => !_pdes.IsEmpty;

    /// <summary>Number of translations filled so far, modulo 2^32; entries are stamped with it, if at all.</summary>
    public uint Fills => _owner.Fills;

    /// <summary>Follows a change of the control state, which decides the size of a large page; the caller has flushed.</summary>
    /// <param name="state">The state from now on.</param>
    public void Follow(in PagingState state)
    {
        if (state.Mode != _mode || state.Denied != _denied || state.AddressMask != _addressMask)
        {
            _mode = state.Mode;
            _denied = state.Denied;
            _addressMask = state.AddressMask;
            FollowRights();
            _owner.StartEpoch(); // recent hits have been evaluated as well
            Host.FlushAll(); // it has evaluated what the arrays evaluate live, and the identity of PG = 0
        }

        _largePageShift = state.Mode == PagingMode.TwoLevel ? 22 : 21;
        _largePageOffset = ((1u << _largePageShift) - 1) & (uint)state.AddressMask; // A20M# reaches into the offset
    }

    /// <summary>The hits that accesses of each class remember.</summary>
    public ByAccessClass<RecentHits> CollectRecentHits() =>
        ByAccessClass<RecentHits>.Create(access => _paths[access.Class].Recent);

    /// <summary>The levels that an access asks.</summary>
    /// <param name="access">The access.</param>
    public TlbPath PathOf(Access access) => _paths[access.Class];

    /// <summary>Looks an address up at all levels; what a level further away holds is brought nearer.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="path">The levels to ask, from <see cref="PathOf"/>.</param>
    /// <returns>What was found, and where.</returns>
    public TlbLookup LookUp(uint linear, TlbPath path) =>
        path.LookUp(linear >> 12, MayHoldLarge ? LargePage(linear) : 0);

    /// <summary>Remembers what was found in the nearest level.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="path">The levels that were asked.</param>
    /// <param name="found">What was found.</param>
    [MethodImpl(MethodImplOptions.NoInlining)] // once for each page, as long as it is remembered
    public void Remember(uint linear, TlbPath path, TlbLookup found)
    {
        ulong frame = Translated(found, linear).PhysicalAddress & EntryBits.Frame;
        path.Remember(linear, frame, found.IsLarge ? LargePage(linear) : linear >> 12, found, _denied);
    }

    /// <summary>The translation of an address from what was found for it.</summary>
    /// <param name="found">What was found; not a miss.</param>
    /// <param name="linear">The address.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a few masks
    public WalkResult Translated(TlbLookup found, uint linear) =>
        WalkResult.FromKept(found.Frame | (linear & (found.IsLarge ? _largePageOffset : 0xFFF)), found.Kept);

    /// <summary>Looks a linear address up without any effect.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What the translation would be for.</param>
    /// <param name="result">Its translation as it was filled, with the offset added; undefined on a miss.</param>
    /// <param name="stamp">Value of <see cref="Fills"/> when it was filled, if entries are stamped.</param>
    public bool TryPeek(uint linear, Access access, out WalkResult result, out uint stamp)
    {
        if (Host.TryPeek(linear, access, out result, out stamp))
        {
            return true;
        }

        TlbLookup found = _paths[access.Class].Peek(linear >> 12, LargePage(linear), out stamp);
        result = Translated(found, linear);
        return found.Level != TlbHit.None;
    }

    /// <summary>Counts a translation that only the host cache keeps.</summary>
    public void CountFill() => _tags->Fills++;

    /// <summary>Keeps a translation that a walk has produced, at every level that such an access asks.</summary>
    /// <param name="linear">The address that was translated; nothing is held for it there.</param>
    /// <param name="access">What for.</param>
    /// <param name="result">The translation; must not be a fault.</param>
    public void Fill(uint linear, Access access, WalkResult result)
    {
        if ((result.Attributes & PageAttributes.Large) != 0 && !_splinters)
        {
            CountFill();
            FillLarge(linear, _paths[access.Class], result);
            return;
        }

        ulong payload = TlbLookup.PayloadOf(result.PhysicalAddress & EntryBits.Frame, result.Kept, isLarge: false);
        StraightPath* straight = StraightPaths + access.Class;
        if (!straight->TryFill(linear, payload))
        {
            FillOtherwise(linear, access, straight, payload);
        }
    }

    /// <summary>The same for a 4-KiB page, where <see cref="StraightPath.TryFill"/> has done nothing.</summary>
    /// <param name="linear">As above.</param>
    /// <param name="access">As above.</param>
    /// <param name="straight">That path.</param>
    /// <param name="payload">What to keep.</param>
    public void FillOtherwise(uint linear, Access access, StraightPath* straight, ulong payload)
    {
        CountFill();
        TlbPath path = _paths[access.Class];
        if (straight->HasOtherNext && straight->TryBringNearer(linear, payload))
        {
            path.FillNext(linear >> 12, payload);
        }
        else
        {
            path.Fill(linear >> 12, payload);
        }
    }

    /// <summary>Looks a 4-KiB page up in the next level, whose sets are not of four, and marks its entry as just used.</summary>
    /// <param name="linear">Byte address; the nearest level does not hold its page.</param>
    /// <param name="access">What for.</param>
    /// <returns>What is kept for it; 0 if nothing is.</returns>
    public ulong LookUpNext(uint linear, Access access) => _paths[access.Class].LookUpNext(linear >> 12);

    /// <summary>Keeps in the nearest level what the next one holds, of a 4-KiB page.</summary>
    /// <param name="linear">Byte address; the nearest level does not hold its page.</param>
    /// <param name="access">What for.</param>
    /// <param name="payload">What is kept for it.</param>
    [MethodImpl(MethodImplOptions.NoInlining)] // once for each way until a flush: keeps the usual case small
    public void BringNearer(uint linear, Access access, ulong payload) => _paths[access.Class].BringNearer(linear >> 12, payload);

    /// <summary>Replaces whatever translation of a page is kept, of either size, by a new one.</summary>
    /// <param name="linear">The address that was translated.</param>
    /// <param name="access">What for.</param>
    /// <param name="result">The translation; must not be a fault.</param>
    public void Replace(uint linear, Access access, WalkResult result)
    {
        DropTranslations(linear);
        Fill(linear, access, result);
    }

    /// <summary>The cached page-directory entry for a linear address.</summary>
    /// <param name="linear">Byte address.</param>
    /// <returns>The entry as it was read; 0 if none is cached.</returns>
    public ulong LookUpPde(uint linear) => _pdes.LookUp(linear >> _largePageShift, _pdeOwner);

    /// <summary>The same under PAE paging, if it is found at once.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="pde">The entry as it was read; undefined if it must be looked up.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every walk
    public bool TryUsePaePde(uint linear, out ulong pde) => _pdes.TryUseFirst(linear >> 21, _pdeTags, out pde);

    /// <summary>The same without any effect.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="stamp">Value of <see cref="Fills"/> when it was filled, if entries are stamped.</param>
    /// <returns>The entry as it was read; 0 if none is cached.</returns>
    public ulong PeekPde(uint linear, out uint stamp) => _pdes.Peek(linear >> _largePageShift, _pdeOwner, out stamp);

    /// <summary>Keeps a page-directory entry that points to a table.</summary>
    /// <param name="linear">An address it serves.</param>
    /// <param name="pde">The entry: P = 1, PS = 0, A = 1, nothing reserved.</param>
    public void FillPde(uint linear, ulong pde) =>
        _pdes.Insert(linear >> _largePageShift, _pdeOwner, pde, global: false, _owner.Fills);

    /// <summary>INVLPG: both sides, both sizes, global or not, and the whole PDE cache (4.10.4.1).</summary>
    /// <param name="linear">Any address in the page.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the whole INVLPG of an MMU without arrays
    public void InvalidatePage(uint linear)
    {
        if (HasArrays)
        {
            InvalidatePageInArrays(linear);
        }
        else
        {
            Host.Invalidate(linear);
        }
    }

    /// <summary>Drops the translations of a page on both sides, of both sizes, global or not, and no PDE.</summary>
    /// <param name="linear">Any address in the page.</param>
    public void DropPage(uint linear)
    {
        Host.Invalidate(linear);
        DropTranslations(linear);
    }

    /// <summary>An INVLPG for each page.</summary>
    /// <param name="ranges">The pages.</param>
    public void InvalidatePages(ReadOnlySpan<PageRange> ranges)
    {
        foreach (PageRange range in ranges)
        {
            for (uint i = 0; i < range.Count; i++)
            {
                InvalidatePage(range.Linear + (i << 12));
            }
        }
    }

    /// <summary>The same for a set, which may name far more pages than are held: the arrays are gone through once.</summary>
    /// <param name="pages">The pages, and the large pages that they are in; large pages are not splintered.</param>
    public void InvalidatePages(PageSet pages)
    {
        Host.FlushAll();
        foreach (TranslationArray array in _all)
        {
            if (array != _pdes)
            {
                array.RemoveAll(pages, _owner);
            }
        }

        _pdeOwner.FlushNonGlobal();
    }

    /// <summary>Lets what is asked first find nothing, or what it holds again; see <see cref="Obstacles.HeldUp"/>.</summary>
    /// <param name="isHeldUp">Whether it is held up from now on.</param>
    public void HoldUp(bool isHeldUp)
    {
        if (isHeldUp != ((_tags->Obstacles & Obstacles.HeldUp) != 0))
        {
            _owner.StartEpoch(); // so that nothing is remembered either
            _owner.Obstruct(_tags->Obstacles ^ Obstacles.HeldUp);
        }
    }

    /// <summary>INVPCID type 0: as INVLPG, but global translations stay.</summary>
    /// <param name="linear">Any address in the page.</param>
    public void InvalidateNonGlobalPage(uint linear)
    {
        Host.Invalidate(linear);
        if (_splinters)
        {
            DropPieces(linear, global: false);
        }

        foreach (TranslationArray array in _small)
        {
            array.RemoveNonGlobal(linear >> 12, _owner);
        }

        foreach (TranslationArray array in _large)
        {
            array.RemoveNonGlobal(LargePage(linear), _owner);
        }

        _pdes.Remove(linear >> _largePageShift, _pdeOwner);
    }

    /// <summary>What a page fault drops: translations of the page, and the PDE that was used for it (4.10.4.1).</summary>
    /// <param name="linear">The faulting address.</param>
    public void InvalidateFaulting(uint linear)
    {
        Host.Invalidate(linear);
        if (!HasArrays)
        {
            return;
        }

        DropTranslations(linear);
        _pdes.Remove(linear >> _largePageShift, _pdeOwner);
    }

    /// <summary>MOV CR3: everything but global translations.</summary>
    public void FlushNonGlobal()
    {
        Host.FlushAll();
        if (HasArrays)
        {
            _owner.FlushNonGlobal();
            _pdeOwner.FlushNonGlobal();
        }
    }

    /// <summary>Everything.</summary>
    public void FlushAll()
    {
        Host.FlushAll();
        if (HasArrays)
        {
            _owner.FlushAll();
            _pdeOwner.FlushNonGlobal();
            _owner.Obstruct(_tags->Obstacles & ~Obstacles.LargePages);
        }
    }

    /// <summary>Drops one entry somewhere, as a processor may at any time.</summary>
    /// <param name="random">Which one.</param>
    public void EvictAny(ulong random)
    {
        if (_all.Length > 0)
        {
            _all[(random >> 32) % (uint)_all.Length].Evict((uint)random);
        }
    }

    // Since the last full flush a large page was kept as one.
    private bool MayHoldLarge => (_tags->Obstacles & Obstacles.LargePages) != 0;

    private static TranslationArray[] Existing(params ReadOnlySpan<TranslationArray> arrays)
    {
        var existing = new TranslationArray[arrays.Length];
        int count = 0;
        foreach (TranslationArray array in arrays)
        {
            if (!array.IsEmpty && !existing.AsSpan(0, count).Contains(array))
            {
                existing[count++] = array;
            }
        }

        return existing[..count];
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the fill of a small page small
    private void FillLarge(uint linear, TlbPath path, WalkResult result)
    {
        _owner.Obstruct(_tags->Obstacles | Obstacles.LargePages);
        ulong frame = result.PhysicalAddress >> _largePageShift << _largePageShift;
        path.Fill(LargePage(linear), TlbLookup.PayloadOf(frame, result.Kept, isLarge: true));
    }

    private void FollowRights()
    {
        for (int i = 0; i < ByAccessClass<TlbPath>.Count; i++)
        {
            StraightPaths[i].Follow(AccessRights.RefusedTo(_denied, i));
        }
    }

    private uint LargePage(uint linear) => (linear >> _largePageShift) | TranslationArray.LargePage;

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the INVLPG of an MMU without arrays small
    private void InvalidatePageInArrays(uint linear)
    {
        DropPage(linear);
        _pdeOwner.FlushNonGlobal();
    }

    private void DropTranslations(uint linear)
    {
        if (_splinters)
        {
            DropPieces(linear, global: true);
        }

        foreach (TranslationArray array in _small)
        {
            array.Remove(linear >> 12, _owner);
        }

        if (MayHoldLarge)
        {
            foreach (TranslationArray array in _large)
            {
                array.Remove(LargePage(linear), _owner);
            }
        }
    }

    /// <summary>Drops the 4-KiB pieces of the large page around an address; 4-KiB pages proper stay.</summary>
    private void DropPieces(uint linear, bool global)
    {
        uint first = linear >> _largePageShift << (_largePageShift - 12);
        uint count = 1u << (_largePageShift - 12);
        foreach (TranslationArray array in _small)
        {
            for (uint page = first; page < first + count; page++)
            {
                if (((PageAttributes)array.Peek(page, _owner, out _) & PageAttributes.Large) == 0)
                {
                    continue;
                }

                if (global)
                {
                    array.Remove(page, _owner);
                }
                else
                {
                    array.RemoveNonGlobal(page, _owner);
                }
            }
        }
    }
}
