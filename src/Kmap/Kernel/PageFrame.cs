namespace X86Pae.Kmap.Kernel;

/// <summary>A 4-KiB page of physical memory.</summary>
/// <param name="Number">Page frame number: physical address divided by 4096.</param>
public readonly record struct PageFrame(ulong Number)
{
    /// <summary>Size of a page in bytes.</summary>
    public const int SizeInBytes = 4096;

    /// <summary>Physical address of the first byte.</summary>
    public ulong PhysicalAddress => Number * SizeInBytes;
}
