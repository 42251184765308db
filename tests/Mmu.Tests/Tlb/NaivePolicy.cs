using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

/// <summary>The replacement policies in plain words, for one set.</summary>
internal sealed class NaivePolicy(Replacement policy, int ways, NaiveRandom random)
{
    private readonly List<int> _oldestFirst = [.. Enumerable.Range(0, ways)];
    private readonly NaiveTree[] _trees = policy == Replacement.ThreeTrees
        ? [new(4), new(4), new(4)]
        : [new(policy == Replacement.TreePlru ? ways : 1)];

    private int _lastTree;

    public void Touch(int way)
    {
        switch (policy)
        {
            case Replacement.TreePlru:
                _trees[0].Use(way);
                break;
            case Replacement.ThreeTrees:
                _lastTree = way / 4;
                _trees[_lastTree].Use(way % 4);
                break;
            case Replacement.Lru:
                MoveToYoungest(way);
                break;
        }
    }

    public void Fill(int way)
    {
        if (policy == Replacement.Fifo)
        {
            MoveToYoungest(way);
        }

        Touch(way);
    }

    public int Victim()
    {
        int next = (_lastTree + 1) % 3;
        return policy switch
        {
            Replacement.TreePlru => _trees[0].Victim(),
            Replacement.ThreeTrees => (4 * next) + _trees[next].Victim(),
            Replacement.Random => random.Next(ways),
            _ => _oldestFirst[0],
        };
    }

    private void MoveToYoungest(int way)
    {
        _oldestFirst.Remove(way);
        _oldestFirst.Add(way);
    }
}
