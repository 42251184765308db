namespace X86Pae.Tests.Tlb;

/// <summary>Tree pseudo-LRU by halves: each node says whether the right half was used longer ago.</summary>
internal sealed class NaiveTree(int ways)
{
    private readonly bool[] _toRight = new bool[ways]; // node n in place n, the root is 1

    public string State => string.Concat(_toRight.Select(right => right ? 'R' : 'L'));

    public void Use(int way)
    {
        int node = 1;
        for (int half = ways / 2; half >= 1; half /= 2)
        {
            bool right = (way & half) != 0;
            _toRight[node] = !right;
            node = (2 * node) + (right ? 1 : 0);
        }
    }

    public int Victim()
    {
        int node = 1;
        int first = 0;
        for (int half = ways / 2; half >= 1; half /= 2)
        {
            first += _toRight[node] ? half : 0;
            node = (2 * node) + (_toRight[node] ? 1 : 0);
        }

        return first;
    }
}
