// The translation caches of one logical processor. Intel SDM vol. 3, 4.10.
//
//   payload of a translation: page frame, attributes and PAT type; see TlbLookup
//
//   payload of the PDE cache: the page-directory entry itself (P = 1, PS = 0, A = 1, nothing reserved).
//
//   What is evaluated live is not in an entry: CPL, EFLAGS.AC, CR0.WP, CR4.SMAP, CR4.SMEP.

using System.Runtime.CompilerServices;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>Instruction and data TLBs for both page sizes, the PDE cache, and the host's cache in front of them.</summary>
/// <remarks>Entries really go stale: nothing here looks at memory. Only <see cref="Mmu{TBus, TTiming}"/> fills it.</remarks>
internal sealed class TranslationCaches
{
    /// <summary>What an untimed MMU asks first; a timed one never fills it. Valid while this object is reachable.</summary>
    public readonly HostLines Host;

    private readonly PinnedBuffer _hostMemory;
    private readonly CoreArrays _arrays;
    private readonly Generations _generations;
    private readonly Generations _pdeGenerations;
    private readonly TranslationArray? _pdes;
    private readonly IndexedSet _pdeSet; // of the array above
    private readonly TranslationArray[] _small; // each array that holds 4-KiB pages, once
    private readonly TranslationArray[] _large; // each array that holds large pages, once
    private readonly TranslationArray[] _all;
    private readonly bool _isDisturbed;
    private readonly PerClass<TlbSide> _sides;
    private PagingMode _mode;
    private ulong _denied;
    private ulong _addressMask;

    /// <summary>Creates empty caches.</summary>
    /// <param name="tlbs">Their shapes.</param>
    /// <param name="sibling">Those of the other logical processor of the core, of the same shapes; null where there is none.</param>
    public TranslationCaches(TlbConfiguration tlbs, TranslationCaches? sibling = null)
    {
        _hostMemory = HostLines.Allocate(tlbs.HostCached);
        Host = new HostLines(_hostMemory);
        _arrays = new CoreArrays(tlbs, sibling?._arrays);
        (_generations, _pdeGenerations, _pdes) = (_arrays.Generations, _arrays.PdeGenerations, _arrays.Pdes);
        _pdeSet = _pdes?.IndexedSet ?? IndexedSet.None;
        SplintersLargePages = tlbs.SplintersLargePages;
        NumbersFills = tlbs.NumbersFills;
        _isDisturbed = tlbs.Randomization is not null;
        Fetches = SideOf(_arrays.Fetches);
        Stores = SideOf(_arrays.Stores);
        Loads = _arrays.Loads == _arrays.Stores ? Stores : SideOf(_arrays.Loads);

        ReadOnlySpan<TlbSide> sides = [Loads, Stores, Fetches, Fetches, Loads, Stores, Loads, Stores]; // see Access
        sides.CopyTo(_sides);

        TlbLevel?[] levels = [_arrays.Fetches, _arrays.Stores, _arrays.Loads, _arrays.Fetches.Next, _arrays.Stores.Next];
        _small = Existing([.. levels.Select(level => level?.Small)]);
        _large = Existing([.. levels.Select(level => level?.Large)]);
        _all = Existing([.. _small, .. _large, _pdes]);
        HasArrays = _all.Length > 0;
        AreHitsSuspended = false;

        TlbSide SideOf(TlbLevel nearest) => new(nearest, _generations, tlbs.HasSecondLevel, tlbs.SplintersLargePages);
    }

    /// <summary>What instruction fetches ask.</summary>
    public TlbSide Fetches { get; }

    /// <summary>What loads ask.</summary>
    public TlbSide Loads { get; }

    /// <summary>What stores ask.</summary>
    public TlbSide Stores { get; }

    /// <summary>What each class of access asks.</summary>
    public PerClass<TlbSide> Sides => _sides;

    /// <summary>Whether any cache of a processor is modelled.</summary>
    public bool HasArrays { get; }

    /// <summary>Whether large pages are kept in pieces.</summary>
    public bool SplintersLargePages { get; }

    /// <summary>Address bits below the number of a large page.</summary>
    public int LargePageShift { get; private set; } = 21;

    /// <summary>Whether entries are stamped.</summary>
    public bool NumbersFills { get; }

    /// <summary>Whether PDEs are kept at all.</summary>
    public bool HasPdeCache => _pdes is not null;

    /// <summary>Number of translations filled so far, modulo 2^32; entries are stamped with it, if at all.</summary>
    public uint Fills => _generations.Fills;

    /// <summary>Changes with every invalidation, whatever it dropped.</summary>
    public ulong Invalidations { get; private set; }

    /// <summary>
    /// Whether <see cref="TlbSide.TryHit"/> finds nothing, because something is to be done first; always on a processor that is
    /// disturbed at random.
    /// </summary>
    public bool AreHitsSuspended
    {
        get => _generations.AreHitsSuspended;
        set => _generations.AreHitsSuspended = value || _isDisturbed;
    }

    /// <summary>What an access asks.</summary>
    /// <param name="access">The access.</param>
    public TlbSide SideOf(Access access) => _sides[access.Class];

    /// <summary>Follows a change of the control state, which decides the size of a large page; the caller has flushed.</summary>
    /// <param name="state">The state from now on.</param>
    public void Follow(in PagingState state)
    {
        if (state.Mode != _mode || state.Denied != _denied || state.AddressMask != _addressMask)
        {
            (_mode, _denied, _addressMask) = (state.Mode, state.Denied, state.AddressMask);
            LargePageShift = _mode == PagingMode.TwoLevel ? 22 : 21;
            Fetches.Follow(in state);
            Loads.Follow(in state);
            Stores.Follow(in state);
            FlushHost(); // it has evaluated what the arrays evaluate live, and the identity of PG = 0
        }
    }

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

        TlbSide side = SideOf(access);
        ulong payload = side.Peek(linear, out stamp);
        result = side.Translated(payload, linear);
        return payload != 0;
    }

    /// <summary>Counts a translation that only the host cache keeps.</summary>
    public void CountFill() => _generations.Fills++;

    /// <summary>Replaces whatever translation of a page is kept, of either size, by a new one.</summary>
    /// <param name="linear">The address that was translated.</param>
    /// <param name="access">What for.</param>
    /// <param name="result">The translation; must not be a fault.</param>
    public void Replace(uint linear, Access access, WalkResult result)
    {
        DropTranslations(linear, global: true);
        SideOf(access).Fill(linear, result);
    }

    /// <summary>The cached page-directory entry for a linear address.</summary>
    /// <param name="linear">Byte address.</param>
    /// <returns>The entry as it was read; 0 if none is cached.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every walk
    public ulong LookUpPde(uint linear)
    {
        uint region = linear >> LargePageShift;
        return _pdeSet.TryUse(region, _pdeGenerations, out ulong pde) ? pde
            : _pdes is null ? 0
            : _pdes.LookUp(region, _pdeGenerations);
    }

    /// <summary>The same without any effect.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="stamp">Value of <see cref="Fills"/> when it was filled, if entries are stamped.</param>
    /// <returns>The entry as it was read; 0 if none is cached.</returns>
    public ulong PeekPde(uint linear, out uint stamp)
    {
        stamp = 0;
        return _pdes is null ? 0 : _pdes.Peek(linear >> LargePageShift, _pdeGenerations, out stamp);
    }

    /// <summary>Keeps a page-directory entry that points to a table.</summary>
    /// <param name="linear">An address it serves.</param>
    /// <param name="pde">The entry: P = 1, PS = 0, A = 1, nothing reserved.</param>
    public void FillPde(uint linear, ulong pde) =>
        _pdes?.Set(linear >> LargePageShift, _pdeGenerations, pde, global: false, Fills);

    /// <summary>INVLPG: both sides, both sizes, global or not, and the whole PDE cache (4.10.4.1).</summary>
    /// <param name="linear">Any address in the page.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the whole INVLPG of an MMU without arrays
    public void InvalidatePage(uint linear)
    {
        DropInHost(linear);
        if (HasArrays)
        {
            DropTranslations(linear, global: true);
            _pdeGenerations.FlushNonGlobal();
        }
    }

    /// <summary>Drops the translations of a page on both sides, of both sizes, global or not, and no PDE.</summary>
    /// <param name="linear">Any address in the page.</param>
    public void DropPage(uint linear)
    {
        DropInHost(linear);
        DropTranslations(linear, global: true);
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
        FlushHost();
        foreach (TranslationArray array in _all)
        {
            if (array != _pdes)
            {
                array.RemoveAll(pages, _generations);
            }
        }

        _pdeGenerations.FlushNonGlobal();
    }

    /// <summary>INVPCID type 0: as INVLPG, but global translations stay.</summary>
    /// <param name="linear">Any address in the page.</param>
    public void InvalidateNonGlobalPage(uint linear)
    {
        DropInHost(linear);
        DropTranslations(linear, global: false);
        DropPde(linear);
    }

    /// <summary>What a page fault drops: translations of the page, and the PDE that was used for it (4.10.4.1).</summary>
    /// <param name="linear">The faulting address.</param>
    public void InvalidateFaulting(uint linear)
    {
        DropInHost(linear);
        DropTranslations(linear, global: true);
        DropPde(linear);
    }

    /// <summary>MOV CR3: everything but global translations.</summary>
    public void FlushNonGlobal()
    {
        FlushHost();
        if (HasArrays)
        {
            _generations.FlushNonGlobal();
            _pdeGenerations.FlushNonGlobal();
        }
    }

    /// <summary>Everything.</summary>
    public void FlushAll()
    {
        FlushHost();
        if (HasArrays)
        {
            _generations.FlushAll();
            _pdeGenerations.FlushNonGlobal();
        }
    }

    /// <summary>Drops what the host's cache holds, and nothing that is modelled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // two additions in every flush
    public void FlushHost()
    {
        Invalidations++;
        Host.FlushAll();
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

    private static TranslationArray[] Existing(IEnumerable<TranslationArray?> arrays) => [.. arrays.OfType<TranslationArray>().Distinct()];

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every INVLPG
    private void DropInHost(uint linear)
    {
        Invalidations++;
        Host.Invalidate(linear);
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the INVLPG of an MMU without arrays small
    private void DropTranslations(uint linear, bool global)
    {
        if (SplintersLargePages)
        {
            DropPieces(linear, global);
        }

        foreach (TranslationArray array in _small)
        {
            array.Remove(linear >> 12, _generations, global);
        }

        if (!_generations.MayHoldLargePages)
        {
            return;
        }

        foreach (TranslationArray array in _large)
        {
            array.Remove((linear >> LargePageShift) | TranslationArray.LargePage, _generations, global);
        }
    }

    private void DropPde(uint linear) => _pdes?.Remove(linear >> LargePageShift, _pdeGenerations, global: true);

    /// <summary>Drops the 4-KiB pieces of the large page around an address; 4-KiB pages proper stay.</summary>
    private void DropPieces(uint linear, bool global)
    {
        uint first = linear >> LargePageShift << (LargePageShift - 12);
        uint count = 1u << (LargePageShift - 12);
        foreach (TranslationArray array in _small)
        {
            for (uint page = first; page < first + count; page++)
            {
                if ((TlbLookup.AttributesOf(array.Peek(page, _generations, out _)) & PageAttributes.Large) != 0)
                {
                    array.Remove(page, _generations, global);
                }
            }
        }
    }
}
