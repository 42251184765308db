namespace X86Pae.Testing;

/// <summary>Counts what code allocates, without what the runtime itself allocates on the thread now and then.</summary>
internal static class Allocation
{
    private const int Counts = 5;

    /// <summary>The least number of bytes allocated in several runs, the first of which also warms up.</summary>
    public static long Of(int operations, Action<int> action)
    {
        long least = long.MaxValue;
        for (int count = 0; count < Counts && least > 0; count++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < operations; i++)
            {
                action(i);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
