namespace X86Pae.Cli.Walks;

/// <summary>The entries that a case of the walk vectors sets and looks at.</summary>
/// <param name="Pdpte">Page-directory-pointer-table entry.</param>
/// <param name="Pde">Page-directory entry.</param>
/// <param name="Pte">Page-table entry; unused where <paramref name="Pde"/> maps a 2-MiB page.</param>
/// <param name="NextPte">The following page-table entry, for an access that crosses into the next page.</param>
internal readonly record struct PathEntries(ulong Pdpte, ulong Pde, ulong Pte, ulong NextPte);
