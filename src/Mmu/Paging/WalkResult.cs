namespace X86Pae.Paging;

/// <summary>What a translation came to: a physical address with its attributes, or the page fault to deliver.</summary>
/// <remarks>Sixteen bytes, so that it is returned in registers.</remarks>
public readonly record struct WalkResult
{
    private const ulong FaultBit = 1UL << 63;
    private const int PatTypeShift = 9;
    private const ulong FlagMask = (1UL << PatTypeShift) - 1;

    // Physical address, or the linear address of a fault; attributes, or FaultBit and the error code. Both are 64 bits wide: a
    // result that passes through memory is read as two words, and a word waits for a store that has written only half of it.
    private readonly ulong _address;
    private readonly ulong _bits;

    private WalkResult(ulong address, ulong bits)
    {
        _address = address;
        _bits = bits;
    }

    /// <summary>Whether the access faults; <see cref="Fault"/> then says how, and the other members say nothing.</summary>
    public bool IsFault => (long)_bits < 0;

    /// <summary>Physical byte address, 0 to 2^MAXPHYADDR - 1; 0 for a fault.</summary>
    public ulong PhysicalAddress => IsFault ? 0 : _address;

    /// <summary>Rights combined over all levels and attributes of the leaf entry; none for a fault.</summary>
    public PageAttributes Attributes => IsFault ? PageAttributes.None : (PageAttributes)(_bits & FlagMask);

    /// <summary>The fault to deliver; meaningful only when <see cref="IsFault"/>.</summary>
    public PageFault Fault => IsFault ? new PageFault((PageFaultErrorCode)(byte)_bits, (uint)_address) : default;

    /// <summary>
    /// The PAT's part of the memory type, as it was when the translation was filled; UC from a bare walk, which knows no PAT.
    /// </summary>
    internal MemoryType PatType => (MemoryType)((_bits >> PatTypeShift) & 7);

    /// <summary>All that a TLB entry keeps beside the frame.</summary>
    internal uint Kept => (uint)_bits & 0xFFF;

    /// <summary>All that a TLB entry keeps of a page beside the frame.</summary>
    /// <param name="attributes">Attributes of the page.</param>
    /// <param name="patType">The PAT's part of the memory type.</param>
    internal static uint KeptOf(PageAttributes attributes, MemoryType patType) => (uint)attributes | ((uint)patType << PatTypeShift);

    /// <summary>A translation from what a TLB entry kept.</summary>
    /// <param name="physicalAddress">Physical byte address.</param>
    /// <param name="kept">The value of <see cref="Kept"/>.</param>
    internal static WalkResult FromKept(ulong physicalAddress, ulong kept) => new(physicalAddress, kept);

    /// <summary>The same translation with the PAT's part of the memory type.</summary>
    /// <param name="type">What the PAT says now.</param>
    internal WalkResult WithPatType(MemoryType type) =>
        new(_address, (_bits & ~(7UL << PatTypeShift)) | ((ulong)type << PatTypeShift));

    /// <summary>A translation that succeeded.</summary>
    /// <param name="physicalAddress">Physical byte address.</param>
    /// <param name="attributes">Attributes of its page.</param>
    internal static WalkResult Translated(ulong physicalAddress, PageAttributes attributes) =>
        new(physicalAddress, (ulong)attributes);

    /// <summary>A translation that faults.</summary>
    /// <param name="linear">The linear byte address of the access.</param>
    /// <param name="errorCode">The error code.</param>
    internal static WalkResult Faulted(uint linear, PageFaultErrorCode errorCode) => new(linear, FaultBit | (ulong)errorCode);
}

/// <summary>What became of a memory access: done, or the page fault to deliver. Eight bytes.</summary>
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

    /// <summary>Whether the access faulted; then no byte was written.</summary>
    public bool IsFault => _bits != 0;

    /// <summary>The fault to deliver; meaningful only when <see cref="IsFault"/>.</summary>
    public PageFault Fault => new((PageFaultErrorCode)(byte)_bits, _cr2);

    /// <summary>An access that faults.</summary>
    /// <param name="fault">The fault.</param>
    internal static AccessResult Faulted(PageFault fault) => new(fault.Cr2, FaultBit | (uint)fault.ErrorCode);
}

/// <summary>What a translation says of its page: rights combined over all levels, the rest from the leaf entry.</summary>
/// <remarks>
/// The low twelve bits are what a TLB entry keeps beside the frame: these flags, of which the first three index the verdict
/// table of <see cref="AccessRights"/>, and in 11:9 the memory type that the PAT had when the entry was filled.
/// </remarks>
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
