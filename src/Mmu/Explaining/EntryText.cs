using System.Numerics;
using X86Pae.Paging;

namespace X86Pae.Explaining;

/// <summary>Texts for entries and the bits in them.</summary>
internal static class EntryText
{
    /// <summary>The manual's abbreviation of a level.</summary>
    public static string NameOf(WalkLevel level) => level switch
    {
        WalkLevel.Pdpte => "PDPTE",
        WalkLevel.Pde => "PDE",
        _ => "PTE",
    };

    /// <summary>The numbers of the bits that are set, from the highest, as in <c>63, 54:52</c>.</summary>
    public static string Bits(ulong mask)
    {
        var runs = new List<string>();
        while (mask != 0)
        {
            (int high, int low) = HighestRun(mask);
            runs.Add(Bits(high, low));
            mask &= ~(ulong.MaxValue << low);
        }

        return string.Join(", ", runs);
    }

    /// <summary>One run of bits, as in <c>54:52</c> or <c>63</c>.</summary>
    public static string Bits(int high, int low) => high == low ? $"{high}" : $"{high}:{low}";

    /// <summary>The highest run of ones in a mask that is not 0.</summary>
    public static (int High, int Low) HighestRun(ulong mask)
    {
        int high = 63 - BitOperations.LeadingZeroCount(mask);
        int low = high + 1 - BitOperations.LeadingZeroCount(~(mask << (63 - high)));
        return (high, low);
    }
}
