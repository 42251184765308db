// The translation caches of one logical processor. Intel SDM vol. 3, 4.10.
//
//   payload of a translation   63                12 11       9  8        0
//                             +--------------------+----------+-----------+
//                             | page frame         | PAT type | attributes|
//                             +--------------------+----------+-----------+
//
//   payload of the PDE cache: the page-directory entry itself (P = 1, PS = 0, A = 1, nothing reserved).
//
//   What is evaluated live is not in an entry: CPL, EFLAGS.AC, CR0.WP, CR4.SMAP, CR4.SMEP.

using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>Instruction and data TLBs for both page sizes, and the PDE cache.</summary>
/// <remarks>Entries really go stale: nothing here looks at memory. Only <see cref="Mmu{TBus, TTiming}"/> fills it.</remarks>
internal sealed class TranslationCaches
{
    /// <summary>What an untimed MMU asks first; a timed one never fills it.</summary>
    public HostCache Host;

    private readonly TranslationArray _instruction4K;
    private readonly TranslationArray _instructionLarge;
    private readonly TranslationArray _data4K;
    private readonly TranslationArray _dataLarge;
    private readonly TranslationArray _load4K;
    private readonly TranslationArray _loadLarge;
    private readonly TranslationArray _secondInstruction4K;
    private readonly TranslationArray _secondInstructionLarge;
    private readonly TranslationArray _secondData4K;
    private readonly TranslationArray _secondDataLarge;
    private readonly TranslationArray _pdes;
    private readonly TranslationArray[] _small; // each array that holds 4-KiB pages, once
    private readonly TranslationArray[] _large; // each array that holds large pages, once
    private readonly TranslationArray[] _all;
    private readonly bool _splinters;
    private int _largePageShift = 21;
    private uint _largePageOffset = 0x1F_FFFF;
    private PagingMode _mode;
    private ulong _denied;
    private ulong _addressMask;
    private uint _fills;

    /// <summary>Creates empty caches.</summary>
    /// <param name="configuration">Their shapes.</param>
    public TranslationCaches(TlbConfiguration configuration)
    {
        Host = new HostCache(configuration.HostCached);
        _instruction4K = new(configuration.Instruction4K);
        _instructionLarge = configuration.InstructionSizesShare ? _instruction4K : new(configuration.InstructionLarge);
        _data4K = new(configuration.Data4K);
        _dataLarge = configuration.DataSizesShare ? _data4K : new(configuration.DataLarge);
        _load4K = new(configuration.Load4K);
        _loadLarge = new(configuration.LoadLarge);
        _secondData4K = new(configuration.SecondData4K);
        _secondDataLarge = configuration.SecondSizesShare ? _secondData4K : new(configuration.SecondDataLarge);
        _secondInstruction4K = configuration.SecondIsUnified ? _secondData4K : new(configuration.SecondInstruction4K);
        _secondInstructionLarge = configuration.SecondIsUnified ? _secondDataLarge : new(configuration.SecondInstructionLarge);
        _pdes = new(configuration.PdeCache);
        _small = Existing(_instruction4K, _data4K, _load4K, _secondInstruction4K, _secondData4K);
        _large = Existing(_instructionLarge, _dataLarge, _loadLarge, _secondInstructionLarge, _secondDataLarge);
        _all = Existing([.. _small, .. _large, _pdes]);
        HasArrays = _all.Length > 0;
        _splinters = configuration.SplintersLargePages;
        HasLoadLevel = configuration.HasLoadLevel;
        HasSecondLevel = configuration.HasSecondLevel;
    }

    /// <summary>Whether any cache of a processor is modelled.</summary>
    public bool HasArrays { get; }

    /// <summary>Whether there is a level that only loads use.</summary>
    public bool HasLoadLevel { get; }

    /// <summary>Whether there is a second level.</summary>
    public bool HasSecondLevel { get; }

    /// <summary>Whether PDEs are kept at all.</summary>
    public bool HasPdeCache => !_pdes.IsEmpty;

    /// <summary>Number of translations filled so far, modulo 2^32; entries are stamped with it.</summary>
    public uint Fills => _fills;

    /// <summary>Follows a change of the control state, which decides the size of a large page; the caller has flushed.</summary>
    /// <param name="state">The state from now on.</param>
    public void Follow(in PagingState state)
    {
        if (state.Mode != _mode || state.Denied != _denied || state.AddressMask != _addressMask)
        {
            _mode = state.Mode;
            _denied = state.Denied;
            _addressMask = state.AddressMask;
            Host.FlushAll(); // it has evaluated what the arrays evaluate live, and the identity of PG = 0
        }

        _largePageShift = state.Mode == PagingMode.TwoLevel ? 22 : 21;
        _largePageOffset = ((1u << _largePageShift) - 1) & (uint)state.AddressMask; // A20M# reaches into the offset
    }

    /// <summary>Looks a linear address up; what a level further away holds is brought nearer.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What the translation is for; it decides which arrays are asked.</param>
    /// <param name="result">Its translation as it was filled, with the offset added; undefined on a miss.</param>
    /// <returns>Where it was found.</returns>
    /// <remarks>A hit leaves the levels behind it untouched, and an evicted entry is not written back (vusec/tlbdr).</remarks>
    public TlbHit TryTranslate(uint linear, Access access, out WalkResult result)
    {
        uint page = linear >> 12;
        uint largePage = LargePage(linear);
        if (HasLoadLevel && access.IsLoad)
        {
            if (_load4K.TryGet(page, out ulong held))
            {
                result = Translated(held, linear & 0xFFF);
                return TlbHit.Load;
            }

            if (_loadLarge.TryGet(largePage, out held))
            {
                result = Translated(held, linear & _largePageOffset);
                return TlbHit.Load;
            }
        }

        bool isFetch = access.IsFetch;
        if ((isFetch ? _instruction4K : _data4K).TryGet(page, out ulong payload))
        {
            result = Translated(payload, linear & 0xFFF);
        }
        else if ((isFetch ? _instructionLarge : _dataLarge).TryGet(largePage, out payload))
        {
            result = Translated(payload, linear & _largePageOffset);
        }
        else
        {
            return HasSecondLevel ? TryTranslateSecond(linear, access, out result) : Missed(out result);
        }

        if (HasLoadLevel && access.IsLoad)
        {
            FillLevel(_load4K, _loadLarge, linear, result);
        }

        return TlbHit.First;
    }

    /// <summary>Looks a linear address up without any effect.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What the translation would be for.</param>
    /// <param name="result">Its translation as it was filled, with the offset added.</param>
    /// <param name="stamp">Value of <see cref="Fills"/> when it was filled.</param>
    public bool TryPeek(uint linear, Access access, out WalkResult result, out uint stamp)
    {
        bool isFetch = access.IsFetch;
        return Host.TryPeek(linear, access, out result, out stamp)
            || (access.IsLoad && TryPeekLevel(_load4K, _loadLarge, linear, out result, out stamp))
            || TryPeekLevel(
                isFetch ? _instruction4K : _data4K, isFetch ? _instructionLarge : _dataLarge, linear, out result, out stamp)
            || TryPeekLevel(
                isFetch ? _secondInstruction4K : _secondData4K,
                isFetch ? _secondInstructionLarge : _secondDataLarge,
                linear,
                out result,
                out stamp);
    }

    /// <summary>Counts a translation that only the host cache keeps.</summary>
    public void CountFill() => _fills++;

    /// <summary>Keeps a translation that a walk has produced, at every level that such an access asks.</summary>
    /// <param name="linear">The address that was translated.</param>
    /// <param name="access">What for.</param>
    /// <param name="result">The translation; must not be a fault.</param>
    public void Fill(uint linear, Access access, WalkResult result)
    {
        CountFill();
        bool isFetch = access.IsFetch;
        FillLevel(isFetch ? _instruction4K : _data4K, isFetch ? _instructionLarge : _dataLarge, linear, result);
        if (HasLoadLevel && access.IsLoad)
        {
            FillLevel(_load4K, _loadLarge, linear, result);
        }

        if (HasSecondLevel)
        {
            FillLevel(
                isFetch ? _secondInstruction4K : _secondData4K,
                isFetch ? _secondInstructionLarge : _secondDataLarge,
                linear,
                result);
        }
    }

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
    /// <param name="pde">The entry as it was read.</param>
    public bool TryGetPde(uint linear, out ulong pde) => _pdes.TryGet(linear >> _largePageShift, out pde);

    /// <summary>The same without any effect.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="pde">The entry as it was read.</param>
    /// <param name="stamp">Value of <see cref="Fills"/> when it was filled.</param>
    public bool TryPeekPde(uint linear, out ulong pde, out uint stamp) =>
        _pdes.TryPeek(linear >> _largePageShift, out pde, out stamp);

    /// <summary>Keeps a page-directory entry that points to a table.</summary>
    /// <param name="linear">An address it serves.</param>
    /// <param name="pde">The entry: P = 1, PS = 0, A = 1, nothing reserved.</param>
    public void FillPde(uint linear, ulong pde) => _pdes.Insert(linear >> _largePageShift, pde, global: false, _fills);

    /// <summary>INVLPG: both sides, both sizes, global or not, and the whole PDE cache (4.10.4.1).</summary>
    /// <param name="linear">Any address in the page.</param>
    public void InvalidatePage(uint linear)
    {
        Host.Invalidate(linear);
        if (!HasArrays)
        {
            return;
        }

        DropTranslations(linear);
        _pdes.FlushNonGlobal();
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
            array.RemoveNonGlobal(linear >> 12);
        }

        foreach (TranslationArray array in _large)
        {
            array.RemoveNonGlobal(LargePage(linear));
        }

        _pdes.Remove(linear >> _largePageShift);
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
        _pdes.Remove(linear >> _largePageShift);
    }

    /// <summary>MOV CR3: everything but global translations.</summary>
    public void FlushNonGlobal()
    {
        Host.FlushAll();
        foreach (TranslationArray array in _all)
        {
            array.FlushNonGlobal();
        }
    }

    /// <summary>Everything.</summary>
    public void FlushAll()
    {
        Host.FlushAll();
        foreach (TranslationArray array in _all)
        {
            array.FlushAll();
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

    private static TranslationArray[] Existing(params ReadOnlySpan<TranslationArray> arrays)
    {
        List<TranslationArray> existing = [];
        foreach (TranslationArray array in arrays)
        {
            if (!array.IsEmpty && !existing.Contains(array))
            {
                existing.Add(array);
            }
        }

        return [.. existing];
    }

    private static WalkResult Translated(ulong payload, uint offset) =>
        WalkResult.FromKept((payload & EntryBits.Frame) | offset, (uint)payload & 0xFFF);

    private static TlbHit Missed(out WalkResult result)
    {
        result = default;
        return TlbHit.None;
    }

    private uint LargePage(uint linear) => (linear >> _largePageShift) | TranslationArray.LargePage;

    private TlbHit TryTranslateSecond(uint linear, Access access, out WalkResult result)
    {
        bool isFetch = access.IsFetch;
        if ((isFetch ? _secondInstruction4K : _secondData4K).TryGet(linear >> 12, out ulong payload))
        {
            result = Translated(payload, linear & 0xFFF);
        }
        else if ((isFetch ? _secondInstructionLarge : _secondDataLarge).TryGet(LargePage(linear), out payload))
        {
            result = Translated(payload, linear & _largePageOffset);
        }
        else
        {
            return Missed(out result);
        }

        FillLevel(isFetch ? _instruction4K : _data4K, isFetch ? _instructionLarge : _dataLarge, linear, result);
        if (HasLoadLevel && access.IsLoad)
        {
            FillLevel(_load4K, _loadLarge, linear, result);
        }

        return TlbHit.Second;
    }

    private bool TryPeekLevel(
        TranslationArray small, TranslationArray large, uint linear, out WalkResult result, out uint stamp)
    {
        if (small.TryPeek(linear >> 12, out ulong payload, out stamp))
        {
            result = Translated(payload, linear & 0xFFF);
            return true;
        }

        bool held = large.TryPeek(LargePage(linear), out payload, out stamp);
        result = held ? Translated(payload, linear & _largePageOffset) : default;
        return held;
    }

    private void FillLevel(TranslationArray small, TranslationArray large, uint linear, WalkResult result)
    {
        bool isLarge = (result.Attributes & PageAttributes.Large) != 0 && !_splinters;
        bool global = (result.Attributes & PageAttributes.Global) != 0;
        int shift = isLarge ? _largePageShift : 12;
        ulong payload = (result.PhysicalAddress >> shift << shift) | result.Kept;
        if (isLarge)
        {
            large.Insert(LargePage(linear), payload, global, _fills);
        }
        else
        {
            small.Insert(linear >> 12, payload, global, _fills);
        }
    }

    private void DropTranslations(uint linear)
    {
        if (_splinters)
        {
            DropPieces(linear, global: true);
        }

        foreach (TranslationArray array in _small)
        {
            array.Remove(linear >> 12);
        }

        foreach (TranslationArray array in _large)
        {
            array.Remove(LargePage(linear));
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
                if (!array.TryPeek(page, out ulong payload, out _) || ((PageAttributes)payload & PageAttributes.Large) == 0)
                {
                    continue;
                }

                if (global)
                {
                    array.Remove(page);
                }
                else
                {
                    array.RemoveNonGlobal(page);
                }
            }
        }
    }
}
