using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

public sealed class TreePlruTests
{
    // Every state, every way, against the definition by halves: the victim is in the half a node points to, and a use turns
    // each node on the way's path to the other half and leaves the rest alone.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void TouchAndVictim_EveryStateAndWay_AgreeWithTheDefinition(int ways)
    {
        for (ulong nodes = 0; nodes < 1UL << (ways - 1); nodes++)
        {
            ulong state = nodes << 1; // bit 0 is no node
            Assert.Equal(Victim(state, 1, 0, ways), TreePlru.Victim(state, ways));
            for (int way = 0; way < ways; way++)
            {
                ulong touched = TreePlru.Touch(state, way, ways);

                Assert.Equal(Touch(state, 1, 0, ways, way), touched);
                Assert.True(ways == 1 || TreePlru.Victim(touched, ways) / (ways / 2) != way / (ways / 2));
                Assert.Equal(touched, TreePlru.Touch(touched, way, ways));
            }
        }
    }

    [Fact]
    public void OfFour_EveryState_AgreesWithAnyNumberOfWays()
    {
        for (ulong state = 0; state < 16; state += 2)
        {
            int victim = TreePlru.Victim(state, 4);

            Assert.Equal(victim, TreePlru.VictimOfFour(state));
            Assert.Equal(TreePlru.Touch(state, victim, 4), TreePlru.UseVictimOfFour(state, out nuint used));
            Assert.Equal((nuint)victim, used);
            for (int way = 0; way < 4; way++)
            {
                Assert.Equal(TreePlru.Touch(state, way, 4), TreePlru.TouchOfFour(state, (nuint)way));
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(64)]
    public void Victim_UsedAtOnce_GoesRoundAllWays(int ways)
    {
        ulong state = 0;
        var victims = new HashSet<int>();
        for (int i = 0; i < ways; i++)
        {
            int victim = TreePlru.Victim(state, ways);
            victims.Add(victim);
            state = TreePlru.Touch(state, victim, ways);
        }

        Assert.Equal(ways, victims.Count);
    }

    private static int Victim(ulong state, int node, int first, int count)
    {
        int half = count / 2;
        return count == 1 ? first
            : (state >> node & 1) == 0 ? Victim(state, 2 * node, first, half)
            : Victim(state, (2 * node) + 1, first + half, half);
    }

    private static ulong Touch(ulong state, int node, int first, int count, int way)
    {
        if (count == 1)
        {
            return state;
        }

        int half = count / 2;
        return way < first + half
            ? Touch(state | (1UL << node), 2 * node, first, half, way)
            : Touch(state & ~(1UL << node), (2 * node) + 1, first + half, half, way);
    }
}
