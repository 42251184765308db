using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

public sealed class ReplacementPolicyTests
{
    // Every state of the tree that uses can lead to, and from it every use.
    [Theory]
    [InlineData(2, 2)]
    [InlineData(4, 8)]
    [InlineData(8, 128)]
    public void TreePlru_EveryReachableState_HasTheVictimOfTheNaiveTree(int ways, int states)
    {
        var paths = new Dictionary<string, int[]> { [new NaiveTree(ways).State] = [] };
        var open = new Queue<int[]>([[]]);
        while (open.TryDequeue(out int[]? path))
        {
            for (int way = 0; way < ways; way++)
            {
                var naive = new NaiveTree(ways);
                var state = new PolicyOfSets(Replacement.TreePlru, sets: 1, ways);
                int[] next = [.. path, way];
                foreach (int used in next)
                {
                    naive.Use(used);
                    state.Touch(0, used);
                }

                Assert.Equal(naive.Victim(), state.Victim(0));
                if (paths.TryAdd(naive.State, next))
                {
                    open.Enqueue(next);
                }
            }
        }

        Assert.Equal(states, paths.Count);
    }

    // Up to 16 ways a byte for each; beyond, a count and a word for each, in whole vectors.
    [Theory]
    [InlineData(Replacement.TreePlru, 1, 0)]
    [InlineData(Replacement.TreePlru, 64, 1)]
    [InlineData(Replacement.ThreeTrees, 12, 1)]
    [InlineData(Replacement.Random, 5, 1)]
    [InlineData(Replacement.Random, 1, 0)]
    [InlineData(Replacement.Lru, 1, 0)]
    [InlineData(Replacement.Lru, 4, 2)]
    [InlineData(Replacement.Fifo, 16, 2)]
    [InlineData(Replacement.Lru, 17, 21)]
    public void WordsInSet_OneWayHasNoState(Replacement policy, int ways, int words) =>
        Assert.Equal(words, new ReplacementPolicy(policy, ways).WordsInSet);

    [Theory]
    [InlineData(Replacement.TreePlru, 1)]
    [InlineData(Replacement.TreePlru, 16)]
    [InlineData(Replacement.TreePlru, 64)]
    [InlineData(Replacement.Lru, 1)]
    [InlineData(Replacement.Lru, 2)]
    [InlineData(Replacement.Lru, 7)]
    [InlineData(Replacement.Lru, 48)]
    [InlineData(Replacement.Lru, 128)]
    [InlineData(Replacement.Fifo, 1)]
    [InlineData(Replacement.Fifo, 4)]
    [InlineData(Replacement.Fifo, 12)]
    [InlineData(Replacement.Random, 1)]
    [InlineData(Replacement.Random, 3)]
    [InlineData(Replacement.Random, 128)]
    [InlineData(Replacement.ThreeTrees, 12)]
    public void AnyProgram_HasTheVictimsOfTheNaivePolicy(Replacement policy, int ways)
    {
        const int Sets = 3;
        var random = new Random((int)policy + (10 * ways));
        var naiveRandom = new NaiveRandom();
        var state = new PolicyOfSets(policy, Sets, ways);
        NaivePolicy[] naive = [.. Enumerable.Range(0, Sets).Select(_ => new NaivePolicy(policy, ways, naiveRandom))];
        for (int i = 0; i < 20_000; i++)
        {
            int set = random.Next(Sets);
            int way = random.Next(ways);
            switch (random.Next(3))
            {
                case 0:
                    naive[set].Touch(way);
                    state.Touch(set, way);
                    break;
                case 1:
                    naive[set].Fill(way);
                    state.Fill(set, way);
                    break;
                default:
                    Assert.Equal(naive[set].Victim(), state.Victim(set));
                    break;
            }
        }
    }

    // What lets a recent hit stand for a lookup of the same page.
    [Theory]
    [InlineData(Replacement.TreePlru, 4)]
    [InlineData(Replacement.TreePlru, 64)]
    [InlineData(Replacement.Lru, 7)]
    [InlineData(Replacement.Fifo, 12)]
    [InlineData(Replacement.ThreeTrees, 12)]
    public void WayUsedLast_UsedAgain_ChangesNoLaterVictim(Replacement policy, int ways)
    {
        var random = new Random((int)policy + ways);
        var once = new PolicyOfSets(policy, sets: 1, ways);
        var repeated = new PolicyOfSets(policy, sets: 1, ways);
        for (int i = 0; i < 5_000; i++)
        {
            int way = random.Next(ways);
            once.Touch(0, way);
            for (int times = random.Next(1, 4); times > 0; times--)
            {
                repeated.Touch(0, way);
            }

            int victim = once.Victim(0);
            Assert.Equal(victim, repeated.Victim(0));
            if (i % 3 == 0)
            {
                once.Fill(0, victim);
                repeated.Fill(0, victim);
            }
        }
    }

    [Fact]
    public void Lru_Victim_IsTheWayUsedLongestAgo()
    {
        var state = new PolicyOfSets(Replacement.Lru, sets: 1, ways: 3);
        state.Fill(0, 0);
        state.Fill(0, 1);
        state.Fill(0, 2);
        state.Touch(0, 0);

        Assert.Equal(1, state.Victim(0));
        state.Fill(0, 1);
        Assert.Equal(2, state.Victim(0));
    }

    [Fact]
    public void Fifo_Victim_IsTheWayFilledLongestAgoHoweverOftenItIsUsed()
    {
        var state = new PolicyOfSets(Replacement.Fifo, sets: 1, ways: 3);
        state.Fill(0, 0);
        state.Fill(0, 1);
        state.Fill(0, 2);
        state.Touch(0, 0);

        Assert.Equal(0, state.Victim(0));
        state.Fill(0, 0);
        Assert.Equal(1, state.Victim(0));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(12)]
    [InlineData(64)]
    public void Random_Victims_AreTheSameInEveryRunAndCoverTheWaysEvenly(int ways)
    {
        const int DrawsForEachWay = 1000;
        var first = new PolicyOfSets(Replacement.Random, sets: 1, ways);
        var second = new PolicyOfSets(Replacement.Random, sets: 1, ways);
        int[] drawn = new int[ways];
        for (int i = 0; i < ways * DrawsForEachWay; i++)
        {
            int victim = first.Victim(0);
            second.Touch(0, i % ways);
            Assert.Equal(victim, second.Victim(0));
            drawn[victim]++;
        }

        Assert.All(drawn, count => Assert.InRange(count, DrawsForEachWay * 8 / 10, DrawsForEachWay * 12 / 10));
    }

    // (MRU + 1) % 3 selects the tree, the tree its own victim, as measured on Kaby Lake (vusec/tlbdr).
    [Fact]
    public void ThreeTrees_Victim_IsInTheTreeAfterTheOneUsedLast()
    {
        var state = new PolicyOfSets(Replacement.ThreeTrees, sets: 1, ways: 12);
        Assert.Equal(4, state.Victim(0));
        state.Touch(0, 4);
        Assert.Equal(8, state.Victim(0));
        state.Touch(0, 8);
        Assert.Equal(0, state.Victim(0));
        state.Touch(0, 0);
        Assert.Equal(6, state.Victim(0));
        state.Touch(0, 7);
        Assert.Equal(10, state.Victim(0));
        state.Touch(0, 1);
        Assert.Equal(5, state.Victim(0));
    }

    [Fact]
    public void ThreeTrees_FilledInOrderOfItsVictims_VisitsEachWayOnce()
    {
        var state = new PolicyOfSets(Replacement.ThreeTrees, sets: 1, ways: 12);
        var victims = new HashSet<int>();
        for (int i = 0; i < 12; i++)
        {
            int victim = state.Victim(0);
            victims.Add(victim);
            state.Fill(0, victim);
        }

        Assert.Equal(12, victims.Count);
    }

    [Theory]
    [InlineData(Replacement.TreePlru, -1)]
    [InlineData(Replacement.TreePlru, 0)]
    [InlineData(Replacement.TreePlru, 3)]
    [InlineData(Replacement.TreePlru, 12)]
    [InlineData(Replacement.TreePlru, 128)]
    [InlineData(Replacement.Lru, -1)]
    [InlineData(Replacement.Lru, 0)]
    [InlineData(Replacement.Lru, 129)]
    [InlineData(Replacement.Fifo, 0)]
    [InlineData(Replacement.Fifo, 129)]
    [InlineData(Replacement.Random, 0)]
    [InlineData(Replacement.Random, 129)]
    [InlineData(Replacement.ThreeTrees, 3)]
    [InlineData(Replacement.ThreeTrees, 4)]
    [InlineData(Replacement.ThreeTrees, 11)]
    [InlineData(Replacement.ThreeTrees, 13)]
    [InlineData(Replacement.ThreeTrees, 16)]
    public void Constructor_ImpossibleWays_ThrowsAndNamesThem(Replacement policy, int ways)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(nameof(ways), () => new PolicyOfSets(policy, sets: 1, ways));

        Assert.Contains($"{policy} replacement is not possible in sets of {ways}", e.Message, StringComparison.Ordinal);
    }
}
