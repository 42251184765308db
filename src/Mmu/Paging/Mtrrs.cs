// Memory-type range registers. Intel SDM vol. 3, 11.11. M is MAXPHYADDR, n the number of a variable range.
//
//   MSR          register           layout
//   0FEh         IA32_MTRRCAP       10 WC = 1, 8 FIX = 1, 7:0 number of variable ranges; read-only
//   200h + 2n    IA32_MTRR_PHYSBASE (M-1):12 base, 7:0 type
//   201h + 2n    IA32_MTRR_PHYSMASK (M-1):12 mask, 11 V
//   250h         IA32_MTRR_FIX64K   8 types of 64 KiB from 00000h on
//   258h, 259h   IA32_MTRR_FIX16K   8 types of 16 KiB each, from 80000h and A0000h on
//   268h to 26Fh IA32_MTRR_FIX4K    8 types of 4 KiB each, every 8000h from C0000h on
//   2FFh         IA32_MTRR_DEF_TYPE 11 E, 10 FE, 7:0 default type
//
//   All other bits are reserved: setting one, or a type other than UC, WC, WT, WP and WB, is #GP(0).
//
//   Type of an address (11.11.4.1), first rule that applies:
//     E = 0                                     UC
//     below 1 MiB and FE = 1                    the fixed range
//     variable ranges with V = 1 that match, where address & mask = base & mask:
//       all of one type                         that type
//       UC among them                           UC
//       WT and WB                               WT
//       any other mix                           undefined in the manual; UC here, as Linux assumes
//     no range                                  the default type

namespace X86Pae.Paging;

/// <summary>The MTRRs of one logical processor, which give a memory type to every physical address.</summary>
/// <remarks>
/// The guest sees to it that all processors of a machine hold the same values. The caller checks the privilege level: RDMSR and
/// WRMSR are for CPL 0.
/// </remarks>
internal sealed class Mtrrs
{
    /// <summary>Largest number of variable ranges: 40 pairs of registers fit below the first fixed-range register.</summary>
    public const int MaxVariableRanges = 40;

    private const uint CapabilityMsr = 0x0FE;
    private const uint FirstVariableMsr = 0x200;
    private const uint Fixed64KMsr = 0x250;
    private const uint FirstFixed16KMsr = 0x258;
    private const uint FirstFixed4KMsr = 0x268;
    private const uint DefaultTypeMsr = 0x2FF;

    private const ulong FixedRangeRegisters = 1UL << 8;
    private const ulong WriteCombiningType = 1UL << 10;
    private const ulong FixedRangesEnabled = 1UL << 10;
    private const ulong Enabled = 1UL << 11;
    private const ulong Valid = 1UL << 11;
    private const ulong TypeField = 0xFF;

    private const ulong FixedEnd = 1UL << 20;
    private const int FixedCount = 11;
    private const ulong PageSize = 4096;

    private readonly ulong _addressField;
    private readonly ulong[] _fixed = new ulong[FixedCount];
    private readonly ulong[] _bases;
    private readonly ulong[] _masks;
    private ulong _defaultType;

    /// <summary>Creates the registers as they are after reset: disabled, so that all memory is UC.</summary>
    /// <param name="maxPhyAddr">MAXPHYADDR, 32 to 52.</param>
    /// <param name="variableRanges">
    /// Number of variable ranges, 0 to <see cref="MaxVariableRanges"/>; most processors have 8.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public Mtrrs(int maxPhyAddr, int variableRanges = 8)
    {
        if (maxPhyAddr is < 32 or > 52)
        {
            throw new ArgumentOutOfRangeException(nameof(maxPhyAddr), maxPhyAddr, "MAXPHYADDR is 32 to 52.");
        }

        if (variableRanges is < 0 or > MaxVariableRanges)
        {
            throw new ArgumentOutOfRangeException(
                nameof(variableRanges), variableRanges, $"A processor has 0 to {MaxVariableRanges} variable ranges.");
        }

        _addressField = ((1UL << maxPhyAddr) - 1) & ~(PageSize - 1);
        _bases = new ulong[variableRanges];
        _masks = new ulong[variableRanges];
    }

    /// <summary>IA32_MTRRCAP: the number of variable ranges, and FIX and WC set.</summary>
    public ulong Capabilities => WriteCombiningType | FixedRangeRegisters | (uint)_bases.Length;

    /// <summary>IA32_MTRR_DEF_TYPE.E: while it is clear, all memory is UC.</summary>
    public bool IsEnabled => (_defaultType & Enabled) != 0;

    private bool FixedApply => (_defaultType & FixedRangesEnabled) != 0;

    private MemoryType DefaultType => (MemoryType)(_defaultType & TypeField);

    /// <summary>
    /// RESET: clears E and every V, and makes the bits 0 that the manual leaves undefined. INIT changes nothing.
    /// </summary>
    public void Reset()
    {
        _defaultType = 0;
        Array.Clear(_fixed);
        Array.Clear(_bases);
        Array.Clear(_masks);
    }

    /// <summary>RDMSR.</summary>
    /// <param name="msr">Number of the register.</param>
    /// <param name="value">Its value; 0 if there is no such register.</param>
    /// <returns>False where this processor has no MTRR of that number: #GP(0), unless it is another register.</returns>
    public bool TryRead(uint msr, out ulong value)
    {
        int variable = VariableIndex(msr);
        int fixedIndex = FixedIndex(msr);
        value = msr == CapabilityMsr ? Capabilities
            : msr == DefaultTypeMsr ? _defaultType
            : fixedIndex >= 0 ? _fixed[fixedIndex]
            : variable < 0 ? 0
            : (msr & 1) == 0 ? _bases[variable] : _masks[variable];
        return msr is CapabilityMsr or DefaultTypeMsr || fixedIndex >= 0 || variable >= 0;
    }

    /// <summary>WRMSR. After a write that succeeds the caller drops all translations, global ones included.</summary>
    /// <param name="msr">Number of the register.</param>
    /// <param name="value">The source operand.</param>
    /// <returns>
    /// False for #GP(0), and nothing has changed: no MTRR of that number, IA32_MTRRCAP, a reserved bit, or a type that an MTRR
    /// cannot hold, whether or not its range is valid.
    /// </returns>
    /// <remarks>Source: Intel SDM vol. 3, 11.11.2 (reserved bits), 11.9 (invalidation).</remarks>
    public bool TryWrite(uint msr, ulong value)
    {
        int variable = VariableIndex(msr);
        int fixedIndex = FixedIndex(msr);
        if (fixedIndex >= 0)
        {
            return AreTypes(value) && Assign(ref _fixed[fixedIndex], value);
        }

        if (variable >= 0 && (msr & 1) != 0)
        {
            return (value & ~(_addressField | Valid)) == 0 && Assign(ref _masks[variable], value);
        }

        bool typed = MemoryTypes.IsMtrrType((byte)value);
        if (variable >= 0)
        {
            return typed && (value & ~(_addressField | TypeField)) == 0 && Assign(ref _bases[variable], value);
        }

        return msr == DefaultTypeMsr
            && typed
            && (value & ~(Enabled | FixedRangesEnabled | TypeField)) == 0
            && Assign(ref _defaultType, value);
    }

    /// <summary>Finds the memory type of an address.</summary>
    /// <param name="physicalAddress">Physical byte address, 0 to 2^MAXPHYADDR - 1.</param>
    /// <returns>UC, WC, WT, WP or WB.</returns>
    public MemoryType TypeOf(ulong physicalAddress)
    {
        if (!IsEnabled)
        {
            return MemoryType.Uncacheable;
        }

        if (physicalAddress < FixedEnd && FixedApply)
        {
            return FixedType((uint)physicalAddress);
        }

        MemoryType? found = null;
        for (int i = 0; i < _bases.Length; i++)
        {
            ulong mask = _masks[i];
            if ((mask & Valid) != 0 && ((physicalAddress ^ _bases[i]) & mask & _addressField) == 0)
            {
                var type = (MemoryType)(_bases[i] & TypeField);
                found = found is { } other ? Overlap(type, other) : type;
            }
        }

        return found ?? DefaultType;
    }

    private static MemoryType Overlap(MemoryType one, MemoryType other) =>
        one == other ? one
        : (one, other) is (MemoryType.WriteThrough, MemoryType.WriteBack) or (MemoryType.WriteBack, MemoryType.WriteThrough)
            ? MemoryType.WriteThrough
        : MemoryType.Uncacheable;

    private static bool AreTypes(ulong fields)
    {
        for (int i = 0; i < 64; i += 8)
        {
            if (!MemoryTypes.IsMtrrType((byte)(fields >> i)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Assign(ref ulong register, ulong value)
    {
        register = value;
        return true;
    }

    /// <summary>Number of a fixed-range register, in the order of addresses; -1 for any other register.</summary>
    private static int FixedIndex(uint msr) => msr switch
    {
        Fixed64KMsr => 0,
        FirstFixed16KMsr or FirstFixed16KMsr + 1 => (int)(1 + msr - FirstFixed16KMsr),
        >= FirstFixed4KMsr and < FirstFixed4KMsr + 8 => (int)(3 + msr - FirstFixed4KMsr),
        _ => -1,
    };

    private int VariableIndex(uint msr)
    {
        uint index = (msr - FirstVariableMsr) / 2;
        return msr >= FirstVariableMsr && index < (uint)_bases.Length ? (int)index : -1;
    }

    private MemoryType FixedType(uint address)
    {
        (int register, uint field) = address switch
        {
            < 0x8_0000 => (0, address >> 16),
            < 0xC_0000 => (1 + (int)((address - 0x8_0000) >> 17), address >> 14),
            _ => (3 + (int)((address - 0xC_0000) >> 15), address >> 12),
        };
        return (MemoryType)(byte)(_fixed[register] >> (int)(8 * (field & 7)));
    }
}
