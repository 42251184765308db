using X86Pae.Paging;

namespace X86Pae.Cli.Snapshots;

/// <summary>Where a 4-KiB page of the linear space leads: physical page, size mapped, flags of the leaf entry.</summary>
/// <remarks>The default value is a page that is not mapped.</remarks>
internal readonly record struct PageMapping
{
    /// <summary>The flags that a list of mappings has, by the names of its columns.</summary>
    public static readonly (string Column, ulong Bit)[] Flags =
    [
        ("xd", EntryBits.ExecuteDisable),
        ("global", EntryBits.Global),
        ("dirty", EntryBits.Dirty),
        ("accessed", EntryBits.Accessed),
        ("pcd", EntryBits.CacheDisable),
        ("pwt", EntryBits.WriteThrough),
        ("user", EntryBits.User),
        ("writable", EntryBits.Writable),
    ];

    private const ulong AllFlags = EntryBits.ExecuteDisable | EntryBits.Global | EntryBits.Dirty | EntryBits.Accessed
        | EntryBits.CacheDisable | EntryBits.WriteThrough | EntryBits.User | EntryBits.Writable;

    // Frame, flags, P, and PS for a part of a 2-MiB page, where a page-directory entry has them.
    private readonly ulong _raw;

    /// <summary>Describes a page that is mapped.</summary>
    /// <param name="physical">Physical address of the 4-KiB page, or of any byte in it.</param>
    /// <param name="large">Whether it is part of a 2-MiB page.</param>
    /// <param name="leaf">The leaf entry, or its flags alone.</param>
    public PageMapping(ulong physical, bool large, ulong leaf) =>
        _raw = (physical & EntryBits.Frame) | (leaf & AllFlags) | EntryBits.Present | (large ? EntryBits.LargePage : 0);

    /// <summary>Whether the page is mapped at all.</summary>
    public bool IsMapped => _raw != 0;

    /// <summary>Whether it is part of a 2-MiB page.</summary>
    public bool IsLarge => (_raw & EntryBits.LargePage) != 0;

    /// <inheritdoc/>
    public override string ToString()
    {
        if (!IsMapped)
        {
            return "not mapped";
        }

        ulong raw = _raw;
        IEnumerable<string> flags = Flags.Select(flag => $"{flag.Column}={((raw & flag.Bit) != 0 ? 1 : 0)}");
        return $"physical={raw & EntryBits.Frame:x} size={(IsLarge ? "2M" : "4K")} {string.Join(' ', flags)}";
    }
}
