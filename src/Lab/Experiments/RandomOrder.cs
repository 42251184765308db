namespace X86Pae.Lab.Experiments;

/// <summary>The random order of the experiments: from a fixed seed, so that a run is a function of its inputs.</summary>
internal static class RandomOrder
{
    private const ulong Seed = 0x5851_F42D_4C95_7F2D;

    /// <summary>The numbers from 0 on, in random order (Fisher-Yates over SplitMix64).</summary>
    /// <param name="count">How many.</param>
    public static int[] Of(int count)
    {
        int[] order = new int[count];
        ulong state = Seed;
        for (int i = 0; i < count; i++)
        {
            ulong z = state += 0x9E37_79B9_7F4A_7C15;
            z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
            z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
            int j = (int)((z ^ (z >> 31)) % (ulong)(i + 1));
            order[i] = order[j];
            order[j] = i;
        }

        return order;
    }
}
