namespace X86Pae.Tlb;

/// <summary>A set of page numbers, those of large pages marked as in a <see cref="TranslationArray"/>.</summary>
internal sealed class PageSet
{
    private readonly ulong[] _words = new ulong[(1 << TranslationArray.PageBits) / 64];

    /// <summary>Whether a page is in it.</summary>
    /// <param name="page">Page number, marked if the page is large.</param>
    public bool Contains(uint page) => (_words[page / 64] >> (int)page & 1) != 0;

    /// <summary>Adds a page.</summary>
    /// <param name="page">Page number, marked if the page is large.</param>
    public void Add(uint page) => _words[page / 64] |= 1UL << (int)page;

    /// <summary>Removes a page and, as may be, some that share its word: for emptying the set.</summary>
    /// <param name="page">Page number, marked if the page is large.</param>
    public void Clear(uint page) => _words[page / 64] = 0;
}
