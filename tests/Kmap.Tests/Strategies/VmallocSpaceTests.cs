using FsCheck;
using FsCheck.Fluent;
using X86Pae.Kmap.Strategies;

namespace X86Pae.Kmap.Tests.Strategies;

public sealed class VmallocSpaceTests
{
    // Sizes on both sides of the 64-bit words the space is kept in. An operation takes 1 to 70 pages, or frees a live run.
    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(300)]
    public void TakeAndFree_AnyProgram_AgreesWithASearchFromTheLowestPage(int pages)
    {
        Arbitrary<int[]> programs = Gen.Choose(-40, 70).ArrayOf().ToArbitrary();

        Prop.ForAll(programs, program => Agrees(pages, program))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(2026, 11).WithEndSize(200));
    }

    private static bool Agrees(int pages, int[] program)
    {
        var space = new VmallocSpace(pages);
        var taken = new bool[pages];
        var live = new List<(int Start, int Length)>();
        foreach (int operation in program)
        {
            if (operation > 0)
            {
                int start = LowestFit(taken, operation);
                if (space.Take(operation) != start)
                {
                    return false;
                }

                if (start >= 0)
                {
                    Array.Fill(taken, true, start, operation);
                    live.Add((start, operation));
                }
            }
            else if (live.Count > 0)
            {
                (int start, int length) = live[-operation % live.Count];
                live.RemoveAt(-operation % live.Count);
                Array.Fill(taken, false, start, length);
                space.Free(start, length);
            }

            if (space.FreeAreas != Runs(taken))
            {
                return false;
            }
        }

        return true;
    }

    private static int LowestFit(bool[] taken, int length)
    {
        for (int start = 0; start + length <= taken.Length; start++)
        {
            if (!taken.AsSpan(start, length).Contains(true))
            {
                return start;
            }
        }

        return -1;
    }

    private static int Runs(bool[] taken) => taken.Where((page, i) => !page && (i == 0 || taken[i - 1])).Count();
}
