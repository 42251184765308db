// The translation caches of one logical processor. Intel SDM vol. 3, 4.10.
//
//   payload of a translation   63                12 11       9  8        0
//                             +--------------------+----------+-----------+
//                             | page frame         | 0        | attributes|
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
    private const ulong AttributeMask = 0x1FF;

    private readonly TranslationArray _instruction4K;
    private readonly TranslationArray _instructionLarge;
    private readonly TranslationArray _data4K;
    private readonly TranslationArray _dataLarge;
    private readonly TranslationArray _pdes;

    /// <summary>Creates empty caches.</summary>
    /// <param name="configuration">Their shapes.</param>
    public TranslationCaches(TlbConfiguration configuration)
    {
        _instruction4K = new(configuration.Instruction4K);
        _instructionLarge = new(configuration.InstructionLarge);
        _data4K = new(configuration.Data4K);
        _dataLarge = new(configuration.DataLarge);
        _pdes = new(configuration.PdeCache);
    }

    /// <summary>Bits of the offset within a large page: 21 with PAE, 22 without. A change needs a full flush.</summary>
    public int LargePageShift { get; set; } = 21;

    /// <summary>Whether PDEs are kept at all.</summary>
    public bool HasPdeCache => !_pdes.IsEmpty;

    /// <summary>Looks a linear address up.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="isFetch">Whether the instruction side is asked.</param>
    /// <param name="result">Its translation as it was filled, with the offset added; undefined on a miss.</param>
    public bool TryTranslate(uint linear, bool isFetch, out WalkResult result)
    {
        if ((isFetch ? _instruction4K : _data4K).TryGet(linear >> 12, out ulong payload))
        {
            result = WalkResult.Translated(
                (payload & EntryBits.Frame) | (linear & 0xFFF), (PageAttributes)(payload & AttributeMask));
            return true;
        }

        if ((isFetch ? _instructionLarge : _dataLarge).TryGet(linear >> LargePageShift, out payload))
        {
            uint offset = linear & ((1u << LargePageShift) - 1);
            result = WalkResult.Translated((payload & EntryBits.Frame) | offset, (PageAttributes)(payload & AttributeMask));
            return true;
        }

        result = default;
        return false;
    }

    /// <summary>Keeps a translation that a walk has produced.</summary>
    /// <param name="linear">The address that was translated.</param>
    /// <param name="isFetch">Whether the instruction side keeps it.</param>
    /// <param name="result">The translation; must not be a fault.</param>
    public void Fill(uint linear, bool isFetch, WalkResult result)
    {
        bool large = (result.Attributes & PageAttributes.Large) != 0;
        bool global = (result.Attributes & PageAttributes.Global) != 0;
        int shift = large ? LargePageShift : 12;
        TranslationArray array = (isFetch, large) switch
        {
            (false, false) => _data4K,
            (false, true) => _dataLarge,
            (true, false) => _instruction4K,
            (true, true) => _instructionLarge,
        };
        ulong frame = result.PhysicalAddress >> shift << shift;
        array.Insert(linear >> shift, frame | ((ulong)result.Attributes & AttributeMask), global);
    }

    /// <summary>The cached page-directory entry for a linear address.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="pde">The entry as it was read.</param>
    public bool TryGetPde(uint linear, out ulong pde) => _pdes.TryGet(linear >> LargePageShift, out pde);

    /// <summary>Keeps a page-directory entry that points to a table.</summary>
    /// <param name="linear">An address it serves.</param>
    /// <param name="pde">The entry: P = 1, PS = 0, A = 1, nothing reserved.</param>
    public void FillPde(uint linear, ulong pde) => _pdes.Insert(linear >> LargePageShift, pde, global: false);

    /// <summary>INVLPG: both sides, both sizes, global or not, and the whole PDE cache (4.10.4.1).</summary>
    /// <param name="linear">Any address in the page.</param>
    public void InvalidatePage(uint linear)
    {
        DropTranslations(linear);
        _pdes.FlushNonGlobal();
    }

    /// <summary>What a page fault drops: translations of the page, and the PDE that was used for it (4.10.4.1).</summary>
    /// <param name="linear">The faulting address.</param>
    public void InvalidateFaulting(uint linear)
    {
        DropTranslations(linear);
        _pdes.Remove(linear >> LargePageShift);
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

    private void DropTranslations(uint linear)
    {
        _instruction4K.Remove(linear >> 12);
        _data4K.Remove(linear >> 12);
        _instructionLarge.Remove(linear >> LargePageShift);
        _dataLarge.Remove(linear >> LargePageShift);
    }
}
