using X86Pae.Timing;

namespace X86Pae.Tests.Timing;

public sealed class DataCacheTests
{
    [Theory]
    [InlineData(64, 1, 64)]
    [InlineData(512, 8, 64)]
    [InlineData(1024, 2, 64)]
    [InlineData(2048, 4, 32)]
    [InlineData(32 * 1024, 8, 64)]
    public void Access_AnyProgram_AgreesWithTrueLru(int size, int ways, int line)
    {
        var cache = new DataCache(size, ways, line);
        int sets = size / (ways * line);
        LinkedList<ulong>[] naive = [.. Enumerable.Range(0, sets).Select(_ => new LinkedList<ulong>())]; // most recent first
        var random = new Random(size + ways);
        for (int i = 0; i < 50_000; i++)
        {
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

            Assert.Equal(hit, cache.Access(address));
        }
    }

    [Theory]
    [InlineData(100, 1, 32)]
    [InlineData(1024, 0, 64)]
    [InlineData(1024, 4, 0)]
    [InlineData(1024, 4, 48)]
    [InlineData(32, 1, 64)]
    public void Geometry_ThatCannotBe_Throws(int size, int ways, int line)
    {
        Assert.Throws<ArgumentException>(() => new DataCache(size, ways, line));
    }
}
