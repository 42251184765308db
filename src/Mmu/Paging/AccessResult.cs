namespace X86Pae.Paging;

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
