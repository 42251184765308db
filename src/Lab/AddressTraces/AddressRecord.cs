namespace X86Pae.Lab.AddressTraces;

/// <summary>One record of an <see cref="AddressTrace"/>: an access, or a mark where translations were flushed.</summary>
/// <param name="bits">The record as it is stored.</param>
/// <remarks>
/// <code>
///   63   59 58  56 55                 32 31                   0
///  +-------+------+---------------------+----------------------+
///  | CPU   | kind | page frame number   | linear address       |
///  +-------+------+---------------------+----------------------+
/// </code>
/// </remarks>
public readonly struct AddressRecord(ulong bits)
{
    /// <summary>The frame number of a record that has none: of every fetch and mark, and of accesses whose frame was not seen.</summary>
    public const uint UnknownFrame = 0xFF_FFFF;

    /// <summary>Size of a record in bytes.</summary>
    public const int SizeInBytes = sizeof(ulong);

    /// <summary>The linear byte address; 0 for a mark.</summary>
    public uint Linear => (uint)bits;

    /// <summary>Number of the page's frame, or <see cref="UnknownFrame"/>.</summary>
    public uint Frame => (uint)(bits >> 32) & UnknownFrame;

    /// <summary>What was done; a value above <see cref="AddressRecordKind.MovCr4"/> has no meaning.</summary>
    public AddressRecordKind Kind => (AddressRecordKind)((bits >> 56) & 7);

    /// <summary>The processor, 0 to 31.</summary>
    public int Cpu => (int)(bits >> 59);
}

/// <summary>What one record of an <see cref="AddressTrace"/> says a processor did.</summary>
public enum AddressRecordKind : byte
{
    /// <summary>The first instruction fetch from a page since the last one was from another.</summary>
    Fetch,

    /// <summary>A load.</summary>
    Load,

    /// <summary>A store.</summary>
    Store,

    /// <summary>MOV to CR3; the value is not recorded.</summary>
    MovCr3,

    /// <summary>INVLPG; the address is not recorded.</summary>
    Invlpg,

    /// <summary>MOV to CR4; the value is not recorded.</summary>
    MovCr4,
}
