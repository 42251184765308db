namespace X86Pae.Paging;

/// <summary>What a translation came to: a physical address with its attributes, or the page fault to deliver.</summary>
/// <remarks>Sixteen bytes, so that it is returned in registers.</remarks>
public readonly record struct WalkResult
{
    private const uint FaultBit = 1u << 31;
    private const int PatTypeShift = 9;
    private const uint FlagMask = (1u << PatTypeShift) - 1;

    // Physical address, or the linear address of a fault; attributes, or FaultBit and the error code.
    private readonly ulong _address;
    private readonly uint _bits;

    private WalkResult(ulong address, uint bits)
    {
        _address = address;
        _bits = bits;
    }

    /// <summary>Whether the access faults; <see cref="Fault"/> then says how, and the other members say nothing.</summary>
    public bool IsFault => (_bits & FaultBit) != 0;

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
    internal uint Kept => _bits & 0xFFF;

    /// <summary>A translation from what a TLB entry kept.</summary>
    /// <param name="physicalAddress">Physical byte address.</param>
    /// <param name="kept">The value of <see cref="Kept"/>.</param>
    internal static WalkResult FromKept(ulong physicalAddress, uint kept) => new(physicalAddress, kept);

    /// <summary>The same translation with the PAT's part of the memory type.</summary>
    /// <param name="type">What the PAT says now.</param>
    internal WalkResult WithPatType(MemoryType type) =>
        new(_address, (_bits & ~(7u << PatTypeShift)) | ((uint)type << PatTypeShift));

    /// <summary>A translation that succeeded.</summary>
    /// <param name="physicalAddress">Physical byte address.</param>
    /// <param name="attributes">Attributes of its page.</param>
    internal static WalkResult Translated(ulong physicalAddress, PageAttributes attributes) =>
        new(physicalAddress, (uint)attributes);

    /// <summary>A translation that faults.</summary>
    /// <param name="linear">The linear byte address of the access.</param>
    /// <param name="errorCode">The error code.</param>
    internal static WalkResult Faulted(uint linear, PageFaultErrorCode errorCode) => new(linear, FaultBit | (uint)errorCode);
}
