namespace X86Pae;

/// <summary>A page of guest RAM in host memory, for code that makes its own accesses: a JIT, or an interpreter's inner loop.</summary>
/// <remarks>
/// <para>
/// It stands for one linear page and one class of access (what is done, and by whom), for which the MMU has granted it. It is
/// current until the MMU invalidates anything (INVLPG, a CR3 load, any flush, a page fault) or changes what accesses may do
/// (CR0.WP, CR4.SMEP, CR4.SMAP, paging mode, A20): <see cref="Mmu{TBus, TTiming}.IsCurrent"/>. A change of CPL or EFLAGS.AC is
/// another class of access and asks for another page. Until then it behaves as a TLB entry: edits to the tables go unnoticed.
/// </para>
/// <para>Nothing checks an access through it, and no cycle is charged. The memory must be kept alive by the MMU or the caller.</para>
/// </remarks>
public readonly record struct GuestPage
{
    /// <summary>Length of a page in bytes.</summary>
    public const int SizeInBytes = 4096;

    internal GuestPage(nint address, bool isWritable, ulong epoch)
    {
        Address = address;
        IsWritable = isWritable;
        Epoch = epoch;
    }

    /// <summary>Host address of the page's first byte; 0 for no page.</summary>
    public nint Address { get; }

    /// <summary>Whether there is a page at all: plain RAM that such an access may reach.</summary>
    public bool Exists => Address != 0;

    /// <summary>Whether it was granted for a write: then D is set, and stores are allowed.</summary>
    public bool IsWritable { get; }

    /// <summary>The bytes of the page; empty for no page.</summary>
    public unsafe ReadOnlySpan<byte> Bytes => Exists ? new ReadOnlySpan<byte>((void*)Address, SizeInBytes) : default;

    /// <summary>The same to store to; empty for a page that was granted for reads or fetches.</summary>
    public unsafe Span<byte> WritableBytes => IsWritable ? new Span<byte>((void*)Address, SizeInBytes) : default;

    internal ulong Epoch { get; }
}
