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
    private readonly TranslationArray _instruction4K;
    private readonly TranslationArray _instructionLarge;
    private readonly TranslationArray _data4K;
    private readonly TranslationArray _dataLarge;
    private readonly TranslationArray _pdes;
    private readonly bool _splinters;
    private int _largePageShift = 21;
    private uint _fills;

    /// <summary>Creates empty caches.</summary>
    /// <param name="configuration">Their shapes.</param>
    public TranslationCaches(TlbConfiguration configuration)
    {
        _instruction4K = new(configuration.Instruction4K);
        _instructionLarge = new(configuration.InstructionLarge);
        _data4K = new(configuration.Data4K);
        _dataLarge = new(configuration.DataLarge);
        _pdes = new(configuration.PdeCache);
        _splinters = configuration.SplintersLargePages;
    }

    /// <summary>Whether PDEs are kept at all.</summary>
    public bool HasPdeCache => !_pdes.IsEmpty;

    /// <summary>Number of translations filled so far, modulo 2^32; entries are stamped with it.</summary>
    public uint Fills => _fills;

    /// <summary>Follows a change of the paging mode, which decides the size of a large page; the caller has flushed.</summary>
    /// <param name="mode">The mode from now on.</param>
    public void SetMode(PagingMode mode) => _largePageShift = mode == PagingMode.TwoLevel ? 22 : 21;

    /// <summary>Looks a linear address up.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="isFetch">Whether the instruction side is asked.</param>
    /// <param name="result">Its translation as it was filled, with the offset added; undefined on a miss.</param>
    public bool TryTranslate(uint linear, bool isFetch, out WalkResult result)
    {
        if ((isFetch ? _instruction4K : _data4K).TryGet(linear >> 12, out ulong payload))
        {
            result = Translated(payload, linear, 12);
            return true;
        }

        if ((isFetch ? _instructionLarge : _dataLarge).TryGet(linear >> _largePageShift, out payload))
        {
            result = Translated(payload, linear, _largePageShift);
            return true;
        }

        result = default;
        return false;
    }

    /// <summary>Looks a linear address up without any effect.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="isFetch">Whether the instruction side is asked.</param>
    /// <param name="result">Its translation as it was filled, with the offset added.</param>
    /// <param name="stamp">Value of <see cref="Fills"/> when it was filled.</param>
    public bool TryPeek(uint linear, bool isFetch, out WalkResult result, out uint stamp)
    {
        if ((isFetch ? _instruction4K : _data4K).TryPeek(linear >> 12, out ulong payload, out stamp))
        {
            result = Translated(payload, linear, 12);
            return true;
        }

        bool large = (isFetch ? _instructionLarge : _dataLarge).TryPeek(linear >> _largePageShift, out payload, out stamp);
        result = large ? Translated(payload, linear, _largePageShift) : default;
        return large;
    }

    /// <summary>Keeps a translation that a walk has produced.</summary>
    /// <param name="linear">The address that was translated.</param>
    /// <param name="isFetch">Whether the instruction side keeps it.</param>
    /// <param name="result">The translation; must not be a fault.</param>
    public void Fill(uint linear, bool isFetch, WalkResult result)
    {
        bool large = (result.Attributes & PageAttributes.Large) != 0 && !_splinters;
        bool global = (result.Attributes & PageAttributes.Global) != 0;
        int shift = large ? _largePageShift : 12;
        TranslationArray array = (isFetch, large) switch
        {
            (false, false) => _data4K,
            (false, true) => _dataLarge,
            (true, false) => _instruction4K,
            (true, true) => _instructionLarge,
        };
        ulong frame = result.PhysicalAddress >> shift << shift;
        array.Insert(linear >> shift, frame | result.Kept, global, ++_fills);
    }

    /// <summary>Replaces whatever translation of a page is kept, of either size, by a new one.</summary>
    /// <param name="linear">The address that was translated.</param>
    /// <param name="isFetch">Whether the instruction side keeps it.</param>
    /// <param name="result">The translation; must not be a fault.</param>
    public void Replace(uint linear, bool isFetch, WalkResult result)
    {
        DropTranslations(linear);
        Fill(linear, isFetch, result);
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
        DropTranslations(linear);
        _pdes.FlushNonGlobal();
    }

    /// <summary>INVPCID type 0: as INVLPG, but global translations stay.</summary>
    /// <param name="linear">Any address in the page.</param>
    public void InvalidateNonGlobalPage(uint linear)
    {
        if (_splinters)
        {
            DropPieces(linear, global: false);
        }

        _instruction4K.RemoveNonGlobal(linear >> 12);
        _data4K.RemoveNonGlobal(linear >> 12);
        _instructionLarge.RemoveNonGlobal(linear >> _largePageShift);
        _dataLarge.RemoveNonGlobal(linear >> _largePageShift);
        _pdes.Remove(linear >> _largePageShift);
    }

    /// <summary>What a page fault drops: translations of the page, and the PDE that was used for it (4.10.4.1).</summary>
    /// <param name="linear">The faulting address.</param>
    public void InvalidateFaulting(uint linear)
    {
        DropTranslations(linear);
        _pdes.Remove(linear >> _largePageShift);
    }

    /// <summary>MOV CR3: everything but global translations.</summary>
    public void FlushNonGlobal()
    {
        _instruction4K.FlushNonGlobal();
        _instructionLarge.FlushNonGlobal();
        _data4K.FlushNonGlobal();
        _dataLarge.FlushNonGlobal();
        _pdes.FlushNonGlobal();
    }

    /// <summary>Everything.</summary>
    public void FlushAll()
    {
        _instruction4K.FlushAll();
        _instructionLarge.FlushAll();
        _data4K.FlushAll();
        _dataLarge.FlushAll();
        _pdes.FlushAll();
    }

    /// <summary>Drops one entry somewhere, as a processor may at any time.</summary>
    /// <param name="random">Which one.</param>
    public void EvictAny(ulong random)
    {
        TranslationArray array = ((random >> 32) % 5) switch
        {
            0 => _instruction4K,
            1 => _instructionLarge,
            2 => _data4K,
            3 => _dataLarge,
            _ => _pdes,
        };
        array.Evict((uint)random);
    }

    private static WalkResult Translated(ulong payload, uint linear, int shift) =>
        WalkResult.FromKept((payload & EntryBits.Frame) | (linear & ((1u << shift) - 1)), (uint)payload & 0xFFF);

    private void DropTranslations(uint linear)
    {
        if (_splinters)
        {
            DropPieces(linear, global: true);
        }

        _instruction4K.Remove(linear >> 12);
        _data4K.Remove(linear >> 12);
        _instructionLarge.Remove(linear >> _largePageShift);
        _dataLarge.Remove(linear >> _largePageShift);
    }

    /// <summary>Drops the 4-KiB pieces of the large page around an address; 4-KiB pages proper stay.</summary>
    private void DropPieces(uint linear, bool global)
    {
        uint first = linear >> _largePageShift << (_largePageShift - 12);
        uint count = 1u << (_largePageShift - 12);
        for (uint page = first; page < first + count; page++)
        {
            DropPiece(_instruction4K, page, global);
            DropPiece(_data4K, page, global);
        }
    }

    private static void DropPiece(TranslationArray array, uint page, bool global)
    {
        if (!array.TryPeek(page, out ulong payload, out _) || ((PageAttributes)payload & PageAttributes.Large) == 0)
        {
            return;
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
