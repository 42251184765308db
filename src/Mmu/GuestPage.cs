namespace X86Pae;

/// <summary>
/// A page of guest RAM in host memory, for code that makes its own accesses: a JIT, or an interpreter's inner loop.
/// </summary>
/// <remarks>
/// <para>
/// The MMU grants it for one linear page and one kind of access: what is done, at which privilege, and with which EFLAGS.AC. Ask
/// for another page for another kind of access.
/// </para>
/// <para>
/// Check <see cref="Mmu{TBus, TTiming}.IsCurrent"/> before each use. A page stops being current when the MMU invalidates anything
/// (INVLPG, a CR3 load, any flush, a page fault) or changes what accesses may do (CR0.WP, CR4.SMEP, CR4.SMAP, paging mode, A20).
/// Until then it behaves as a TLB entry: the guest's changes to the tables have no effect on it.
/// </para>
/// <para>Accesses through it are not checked and charge no cycle. The caller or the MMU must keep the guest memory alive.</para>
/// </remarks>
public readonly record struct GuestPage
{
    /// <summary>Size of a page in bytes: 4096, also where the guest maps a large page.</summary>
    public const int SizeInBytes = 4096;

    internal GuestPage(nint address, bool isWritable, ulong epoch)
    {
        Address = address;
        IsWritable = isWritable;
        Epoch = epoch;
    }

    /// <summary>Host address of the page's first byte; 0 unless <see cref="Exists"/> is true.</summary>
    public nint Address { get; }

    /// <summary>Whether there is a page: false where the guest's page is not plain RAM, or the access faulted.</summary>
    public bool Exists => Address != 0;

    /// <summary>Whether it was granted for a write. D is set then, and stores are allowed.</summary>
    public bool IsWritable { get; }

    /// <summary>The 4096 bytes of the page, to read; empty unless <see cref="Exists"/> is true.</summary>
    public unsafe ReadOnlySpan<byte> Bytes => Exists ? new ReadOnlySpan<byte>((void*)Address, SizeInBytes) : default;

    /// <summary>The 4096 bytes of the page, to write; empty unless <see cref="IsWritable"/> is true.</summary>
    public unsafe Span<byte> WritableBytes => IsWritable ? new Span<byte>((void*)Address, SizeInBytes) : default;

    internal ulong Epoch { get; }
}
