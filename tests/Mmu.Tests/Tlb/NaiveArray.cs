using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

/// <summary>An array of translations in plain words, with any policy and either index: a way holds an entry, of one owner, or nothing.</summary>
internal sealed class NaiveArray
{
    private readonly TlbGeometry _geometry;
    private readonly Entry?[,] _ways;
    private readonly NaivePolicy[] _policies;

    public NaiveArray(TlbGeometry geometry)
    {
        var random = new NaiveRandom();
        _geometry = geometry;
        _ways = new Entry?[geometry.Sets, geometry.Ways];
        _policies = [.. Enumerable.Range(0, geometry.Sets)
            .Select(_ => new NaivePolicy(geometry.Replacement, geometry.Ways, random))];
    }

    public bool TryGet(uint page, out ulong payload, int owner = 0)
    {
        (int set, int way) = Find(page, owner);
        payload = way < 0 ? 0 : _ways[set, way]!.Payload;
        if (way >= 0)
        {
            _policies[set].Touch(way);
        }

        return way >= 0;
    }

    public bool TryPeek(uint page, out ulong payload, out uint stamp, int owner = 0)
    {
        (int set, int way) = Find(page, owner);
        (payload, stamp) = way < 0 ? (0, 0) : (_ways[set, way]!.Payload, _ways[set, way]!.Stamp);
        return way >= 0;
    }

    public void Insert(uint page, ulong payload, bool global, uint stamp, int owner = 0)
    {
        (int set, int way) = Find(page, owner);
        for (int i = 0; way < 0 && i < _geometry.Ways; i++)
        {
            way = _ways[set, i] is null ? i : -1;
        }

        way = way < 0 ? _policies[set].Victim() : way;
        _ways[set, way] = new Entry(owner, page, payload, global, stamp);
        _policies[set].Fill(way);
    }

    public bool Remove(uint page, int owner = 0)
    {
        (int set, int way) = Find(page, owner);
        if (way >= 0)
        {
            _ways[set, way] = null;
        }

        return way >= 0;
    }

    public void RemoveNonGlobal(uint page, int owner = 0)
    {
        (int set, int way) = Find(page, owner);
        if (way >= 0 && !_ways[set, way]!.Global)
        {
            _ways[set, way] = null;
        }
    }

    public void Flush(bool globalsToo, int owner = 0)
    {
        for (int set = 0; set < _geometry.Sets; set++)
        {
            for (int way = 0; way < _geometry.Ways; way++)
            {
                bool stays = _ways[set, way] is { } entry && (entry.Owner != owner || (entry.Global && !globalsToo));
                _ways[set, way] = stays ? _ways[set, way] : null;
            }
        }
    }

    private (int Set, int Way) Find(uint page, int owner)
    {
        uint sets = (uint)_geometry.Sets;
        uint hashed = _geometry.Index == SetIndex.Xor ? page % sets ^ page / sets % sets : page % sets;
        int set = (int)hashed;
        for (int way = 0; way < _geometry.Ways; way++)
        {
            if (_ways[set, way] is { } entry && entry.Page == page && entry.Owner == owner)
            {
                return (set, way);
            }
        }

        return (set, -1);
    }

    private sealed record Entry(int Owner, uint Page, ulong Payload, bool Global, uint Stamp);
}
