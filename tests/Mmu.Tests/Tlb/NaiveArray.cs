using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

/// <summary>A set-associative array in plain words: a way holds an entry or nothing, a set has its tree as booleans.</summary>
internal sealed class NaiveArray(TlbGeometry geometry)
{
    private readonly Entry?[,] _ways = new Entry?[geometry.Sets, geometry.Ways];
    private readonly bool[,] _toRight = new bool[geometry.Sets, geometry.Ways]; // node n in column n, the root is 1

    public bool TryGet(uint page, out ulong payload)
    {
        (int set, int way) = Find(page);
        payload = way < 0 ? 0 : _ways[set, way]!.Payload;
        if (way >= 0)
        {
            Use(set, way);
        }

        return way >= 0;
    }

    public bool TryPeek(uint page, out ulong payload, out uint stamp)
    {
        (int set, int way) = Find(page);
        (payload, stamp) = way < 0 ? (0, 0) : (_ways[set, way]!.Payload, _ways[set, way]!.Stamp);
        return way >= 0;
    }

    public void Insert(uint page, ulong payload, bool global, uint stamp)
    {
        (int set, int way) = Find(page);
        for (int i = 0; way < 0 && i < geometry.Ways; i++)
        {
            way = _ways[set, i] is null ? i : -1;
        }

        if (way < 0)
        {
            int node = 1;
            while (node < geometry.Ways)
            {
                node = (2 * node) + (_toRight[set, node] ? 1 : 0);
            }

            way = node - geometry.Ways;
        }

        _ways[set, way] = new Entry(page, payload, global, stamp);
        Use(set, way);
    }

    public bool Remove(uint page)
    {
        (int set, int way) = Find(page);
        if (way >= 0)
        {
            _ways[set, way] = null;
        }

        return way >= 0;
    }

    public void RemoveNonGlobal(uint page)
    {
        (int set, int way) = Find(page);
        if (way >= 0 && !_ways[set, way]!.Global)
        {
            _ways[set, way] = null;
        }
    }

    public void Flush(bool global)
    {
        for (int set = 0; set < geometry.Sets; set++)
        {
            for (int way = 0; way < geometry.Ways; way++)
            {
                _ways[set, way] = global || _ways[set, way] is not { Global: true } ? null : _ways[set, way];
            }
        }
    }

    private (int Set, int Way) Find(uint page)
    {
        int set = (int)(page % (uint)geometry.Sets);
        for (int way = 0; way < geometry.Ways; way++)
        {
            if (_ways[set, way]?.Page == page)
            {
                return (set, way);
            }
        }

        return (set, -1);
    }

    private void Use(int set, int way)
    {
        int node = 1;
        for (int half = geometry.Ways / 2; half >= 1; half /= 2)
        {
            bool right = (way & half) != 0;
            _toRight[set, node] = !right;
            node = (2 * node) + (right ? 1 : 0);
        }
    }

    private sealed record Entry(uint Page, ulong Payload, bool Global, uint Stamp);
}
