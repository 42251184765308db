namespace X86Pae.Paging;

/// <summary>
/// The result of a translation: a physical address with the attributes of its page, or the page fault to deliver.
/// </summary>
/// <remarks>It has 16 bytes, so that it is returned in registers.</remarks>
public readonly record struct WalkResult
{
    private const ulong FaultBit = 1UL << 63;
    private const int PatTypeShift = 9;
    internal const ulong FlagMask = (1UL << PatTypeShift) - 1; // the bits of Attributes

    // Physical address, or the linear address of a fault; attributes, or FaultBit and the error code. Both are 64 bits wide
    // because a result that passes through memory is read as two 64-bit words: such a load stalls behind a store of half the
    // word.
    private readonly ulong _address;
    private readonly ulong _bits;

    private WalkResult(ulong address, ulong bits)
    {
        _address = address;
        _bits = bits;
    }

    /// <summary>Whether the access faults. <see cref="Fault"/> is then the fault, and the other members are 0.</summary>
    public bool IsFault => (long)_bits < 0;

    /// <summary>Physical byte address, 0 to 2^MAXPHYADDR - 1; 0 for a fault.</summary>
    public ulong PhysicalAddress => IsFault ? 0 : _address;

    /// <summary>Rights combined over all levels, and attributes of the leaf entry; none for a fault.</summary>
    public PageAttributes Attributes => IsFault ? PageAttributes.None : (PageAttributes)(_bits & FlagMask);

    /// <summary>The fault to deliver; the default value unless <see cref="IsFault"/> is true.</summary>
    public PageFault Fault => IsFault ? new PageFault((PageFaultErrorCode)(byte)_bits, (uint)_address) : default;

    /// <summary>
    /// The memory type of the PAT entry that the page selected when the translation was cached; UC from a bare walk, which has no
    /// PAT.
    /// </summary>
    internal MemoryType PatType => (MemoryType)((_bits >> PatTypeShift) & 7);

    /// <summary>The twelve bits that a TLB entry keeps beside the frame: attributes, and the type of the PAT.</summary>
    internal uint Kept => (uint)_bits & 0xFFF;

    /// <summary>Makes a translation from the bits that a TLB entry kept.</summary>
    /// <param name="physicalAddress">Physical byte address.</param>
    /// <param name="kept">The value of <see cref="Kept"/>.</param>
    internal static WalkResult FromKept(ulong physicalAddress, ulong kept) => new(physicalAddress, kept);

    /// <summary>Gives the translation another memory type of the PAT.</summary>
    /// <param name="type">The type in the PAT entry that the page selects.</param>
    internal WalkResult WithPatType(MemoryType type) =>
        new(_address, (_bits & ~(7UL << PatTypeShift)) | ((ulong)type << PatTypeShift));

    /// <summary>Makes the result of a translation that succeeded.</summary>
    /// <param name="physicalAddress">Physical byte address.</param>
    /// <param name="attributes">Attributes of its page.</param>
    internal static WalkResult Translated(ulong physicalAddress, PageAttributes attributes) =>
        new(physicalAddress, (ulong)attributes);

    /// <summary>Makes the result of a translation that faults.</summary>
    /// <param name="linear">The linear byte address of the access.</param>
    /// <param name="errorCode">The error code.</param>
    internal static WalkResult Faulted(uint linear, PageFaultErrorCode errorCode) => new(linear, FaultBit | (ulong)errorCode);
}

/// <summary>The result of a memory access: done, or the page fault to deliver.</summary>
/// <remarks>It has 8 bytes, so that it is returned in a register.</remarks>
public readonly record struct AccessResult
{
    private const uint FaultBit = 1u << 31;

    private readonly uint _cr2;
    private readonly uint _bits;

    private AccessResult(uint cr2, uint bits)
    {
        _cr2 = cr2;
        _bits = bits;
    }

    /// <summary>Whether the access faulted. Then no byte has been written, also where it crosses into a second page.</summary>
    public bool IsFault => _bits != 0;

    /// <summary>The fault to deliver; the default value unless <see cref="IsFault"/> is true.</summary>
    public PageFault Fault => new((PageFaultErrorCode)(byte)_bits, _cr2);

    /// <summary>Makes the result of an access that faults.</summary>
    /// <param name="fault">The fault.</param>
    internal static AccessResult Faulted(PageFault fault) => new(fault.Cr2, FaultBit | (uint)fault.ErrorCode);
}

// WalkResult and TLB entries keep the type of the PAT in bits 11:9, above these; AccessRights relies on the first three.

/// <summary>Attributes of a page: its rights, combined over all levels, and the other flags of its leaf entry.</summary>
[Flags]
public enum PageAttributes : uint
{
    /// <summary>A clean, read-only, executable supervisor page of 4 KiB.</summary>
    None = 0,

    /// <summary>R/W = 1 at every level.</summary>
    Writable = 1 << 0,

    /// <summary>U/S = 1 at every level: a user-mode address.</summary>
    User = 1 << 1,

    /// <summary>XD = 1 at some level while EFER.NXE = 1.</summary>
    ExecuteDisable = 1 << 2,

    /// <summary>PWT of the leaf entry.</summary>
    WriteThrough = 1 << 3,

    /// <summary>PCD of the leaf entry.</summary>
    CacheDisable = 1 << 4,

    /// <summary>PAT of the leaf entry (bit 7 of a PTE, bit 12 of a large-page PDE).</summary>
    Pat = 1 << 5,

    /// <summary>D of the leaf entry after the access.</summary>
    Dirty = 1 << 6,

    /// <summary>The page is mapped by a PDE: 2 MiB with PAE, 4 MiB without.</summary>
    Large = 1 << 7,

    /// <summary>G of the leaf entry while CR4.PGE = 1.</summary>
    Global = 1 << 8,
}
