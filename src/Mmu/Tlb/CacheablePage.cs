using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>What may be cached for one page of interest of a <see cref="TranslationHistory{TBus}"/>.</summary>
/// <param name="linear">Linear address of the page.</param>
internal sealed class CacheablePage(uint linear)
{
    /// <summary>Linear address of the page.</summary>
    public uint Linear => linear;

    /// <summary>Directory entries that point to tables.</summary>
    public List<ulong> DirectoryEntries { get; } = [];

    /// <summary>Translations of the page's first byte, of 4-KiB pages and of large ones.</summary>
    public List<WalkResult> Translations { get; } = [];

    /// <summary>Removes translations by page size; global ones only if asked to.</summary>
    public void Drop(bool dropsSmall, bool dropsLarge, bool dropsGlobal)
    {
        for (int i = Translations.Count - 1; i >= 0; i--)
        {
            PageAttributes attributes = Translations[i].Attributes;
            bool sizeMatches = (attributes & PageAttributes.Large) != 0 ? dropsLarge : dropsSmall;
            if (sizeMatches && (dropsGlobal || (attributes & PageAttributes.Global) == 0))
            {
                Translations.RemoveAt(i);
            }
        }
    }
}
