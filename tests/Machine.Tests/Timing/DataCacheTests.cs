using X86Pae.Timing;

namespace X86Pae.Tests.Timing;

public sealed class DataCacheTests
{
    // Twice: the sets of the second filling are those that the first clearing gave back.
    [Fact]
    public void Clear_FullCache_IsAsNew()
    {
        var cache = new DataCache(32 * 1024, 8, 64);
        for (int round = 0; round < 3; round++)
        {
            for (ulong address = 0; address < 32 * 1024; address += 64)
            {
                Assert.False(cache.Access(address));
            }

            Assert.True(cache.Access(0) && cache.Access((32 * 1024) - 64));
            Assert.False(cache.Access(32 * 1024)); // in place of line 64 * 64, used longest ago since line 0 was used again
            Assert.True(cache.Access(0));
            Assert.False(cache.Access(64 * 64));
            cache.Clear();
        }
    }

    [Theory]
    [InlineData(64, 1, 64)]
    [InlineData(512, 8, 64)]
    [InlineData(1024, 2, 64)]
    [InlineData(2048, 4, 32)]
    [InlineData(32 * 1024, 8, 64)]
    [InlineData(128 * 1024, 8, 64)]
    [InlineData(64 * 1024, 4, 32)]
    [InlineData(3 * 1024, 3, 64)]
    [InlineData(12 * 1024, 12, 64)]
    [InlineData(16 * 1024, 16, 64)]
    [InlineData(24 * 1024, 24, 32)]
    [InlineData(48 * 1024, 48, 64)]
    [InlineData(4 * 1024, 64, 64)]
    [InlineData(5 * 8 * 64, 8, 64)]
    public void Access_AnyProgram_AgreesWithTrueLru(int size, int ways, int line)
    {
        Run(size, ways, line, isOuter: false);
        Run(size, ways, line, isOuter: true);
    }

    private static void Run(int size, int ways, int line, bool isOuter)
    {
        var cache = new DataCache(size, ways, line, isOuter);
        int sets = size / (ways * line);
        Assert.Equal(ways <= 8 && sets > 1 && int.IsPow2(sets), cache.IsNarrow);
        LinkedList<ulong>[] naive = [.. Enumerable.Range(0, sets).Select(_ => new LinkedList<ulong>())]; // most recent first
        var random = new Random(size + ways);
        for (int i = 0; i < 50_000; i++)
        {
            if (random.Next(10_000) == 0)
            {
                cache.Clear();
                Array.ForEach(naive, cleared => cleared.Clear());
            }

            // Around physical 0, where a line number could be taken for an empty way, and around 64 GiB.
            ulong address = (random.Next(2) == 0 ? 0 : 64UL << 30) + (ulong)random.Next(size * 3 / 2);
            ulong number = address / (ulong)line;
            LinkedList<ulong> set = naive[number % (ulong)sets];
            bool hit = set.Remove(number);
            set.AddFirst(number);
            if (set.Count > ways)
            {
                set.RemoveLast();
            }

            Assert.Equal(hit, cache.IsNarrow && random.Next(2) == 0 ? cache.AccessNarrow(address) : cache.Access(address));
        }
    }

    [Theory]
    [InlineData(100, 1, 32)]
    [InlineData(1024, 0, 64)]
    [InlineData(1024, 4, 0)]
    [InlineData(1024, 4, 48)]
    [InlineData(32, 1, 64)]
    [InlineData(65 * 64, 65, 64)]
    public void Geometry_ThatCannotBe_Throws(int size, int ways, int line)
    {
        Assert.Throws<ArgumentException>(() => new DataCache(size, ways, line));
    }

    // Sixteen sets of sixteen ways are 16 * (16 * 8 + 16) bytes; the cache has 4,096 sets.
    [Fact]
    public void Access_FewSets_CostsMemoryForTheirGroupsOnly()
    {
        var cache = new DataCache(4 << 20, 16, 64);
        long before = GC.GetAllocatedBytesForCurrentThread();
        cache.Access(0);
        cache.Access(15 * 64);
        cache.Access(4095 * 64);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 2 * 2304, (2 * 2304) + 400);
    }
}
