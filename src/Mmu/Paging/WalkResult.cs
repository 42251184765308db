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
