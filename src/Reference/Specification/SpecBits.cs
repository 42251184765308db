namespace X86Pae.Reference.Specification;

/// <summary>Bit fields in the notation of the manuals.</summary>
internal static class SpecBits
{
    /// <summary>A mask of the bits <paramref name="high"/> down to <paramref name="low"/>; empty where high is below low.</summary>
    public static ulong Mask(int high, int low)
    {
        ulong above = high == 63 ? 0 : 1UL << (high + 1);
        return high < low ? 0 : above - (1UL << low);
    }

    public static bool Bit(ulong value, int bit) => ((value >> bit) & 1) != 0;
}
