namespace X86Pae.Tests.Specification;

/// <summary>Bit fields in the notation of the manuals.</summary>
internal static class SpecBits
{
    /// <summary>A mask of the bits <paramref name="high"/> down to <paramref name="low"/>; empty where high is below low.</summary>
    public static ulong Mask(int high, int low)
    {
        ulong mask = 0;
        for (int bit = low; bit <= high; bit++)
        {
            mask |= 1UL << bit;
        }

        return mask;
    }

    public static bool Bit(ulong value, int bit) => ((value >> bit) & 1) != 0;
}
