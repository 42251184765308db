using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

/// <summary>A random program on an array of translations and on its naive model, which must agree at every step.</summary>
internal static class ArrayProgram
{
    public static void Run(TlbGeometry geometry, Random random, uint[] pages, int steps, int flushesInThousand)
    {
        var array = new OwnedArray(geometry);
        var naive = new NaiveArray(geometry);
        for (uint i = 0; i < steps; i++)
        {
            uint page = pages[random.Next(pages.Length)];
            switch (random.Next(1000))
            {
                case int n when n < flushesInThousand:
                    Flush(array, naive, all: random.Next(2) == 0);
                    break;
                case < 150:
                    Assert.Equal(naive.Remove(page), array.Remove(page));
                    break;
                case < 200:
                    naive.RemoveNonGlobal(page);
                    array.RemoveNonGlobal(page);
                    break;
                case < 260:
                    bool held = naive.TryPeek(page, out ulong peeked, out uint stamp);
                    Assert.Equal(held, array.TryPeek(page, out ulong payloadThere, out uint stampThere));
                    Assert.Equal((peeked, stamp), (payloadThere, stampThere));
                    break;
                case < 600:
                    ulong payload = (ulong)random.NextInt64();
                    bool global = random.Next(3) == 0;
                    payload = random.Next(4) == 0 ? payload : global ? payload | 0x100 : payload & ~0x100ul;
                    naive.Insert(page, payload, global, i);
                    array.Insert(page, payload, global, i);
                    break;
                default:
                    bool hit = naive.TryGet(page, out ulong expected);
                    Assert.Equal(hit, array.TryGet(page, out ulong actual));
                    Assert.True(!hit || expected == actual);
                    break;
            }
        }
    }

    private static void Flush(OwnedArray array, NaiveArray naive, bool all)
    {
        naive.Flush(all);
        if (all)
        {
            array.FlushAll();
        }
        else
        {
            array.FlushNonGlobal();
        }
    }
}
