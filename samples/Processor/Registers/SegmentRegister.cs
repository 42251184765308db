namespace X86Pae.Samples.Processor.Registers;

/// <summary>A segment register: the selector, and the descriptor as it was when the register was loaded.</summary>
public readonly record struct SegmentRegister
{
    private readonly bool _readable;
    private readonly bool _writable;
    private readonly bool _expandsDown;

    /// <summary>Loads a register. The default value holds a null selector, through which nothing may be accessed.</summary>
    /// <param name="selector">Table, index and requested privilege level.</param>
    /// <param name="descriptor">The descriptor that the table holds.</param>
    public SegmentRegister(ushort selector, SegmentDescriptor descriptor)
    {
        Selector = selector;
        Base = descriptor.Base;
        Limit = descriptor.Limit;
        Descriptor = descriptor;
        _readable = descriptor.IsReadable;
        _writable = descriptor.IsWritable;
        _expandsDown = descriptor.IsExpandDown;
    }

    public ushort Selector { get; }

    public uint Base { get; }

    public uint Limit { get; }

    public SegmentDescriptor Descriptor { get; }

    /// <summary>Whether rights and limit permit an access.</summary>
    /// <param name="offset">Offset of its first byte.</param>
    /// <param name="size">Bytes, at least 1.</param>
    /// <param name="isWrite">Whether it needs a writable segment.</param>
    public bool Allows(uint offset, uint size, bool isWrite) => (isWrite ? _writable : _readable) && Contains(offset, size);

    /// <summary>
    /// Whether the limit permits an access. A segment of 4 GiB permits every one; whether an access that wraps at its end
    /// faults depends on the model (Intel SDM vol. 3, 22.33.1), and here it does not, as in the MMU.
    /// </summary>
    public bool Contains(uint offset, uint size)
    {
        uint last = offset + size - 1;
        return _expandsDown
            ? offset > Limit && last >= offset && (Descriptor.Is32Bit || last <= 0xFFFF)
            : Limit == uint.MaxValue || (last >= offset && last <= Limit);
    }
}
