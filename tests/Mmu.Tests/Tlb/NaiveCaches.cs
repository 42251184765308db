using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

/// <summary>All levels of TLB in plain words, over naive arrays: asked from the nearest on, as 4-KiB page and as large page.</summary>
internal sealed class NaiveCaches
{
    private readonly Dictionary<string, NaiveArray> _arrays = [];
    private readonly Dictionary<string, Level[]> _paths;
    private readonly NaiveCaches? _first;
    private readonly bool _hasSibling;
    private readonly int _owner;
    private uint _fills;

    public NaiveCaches(TlbConfiguration tlbs)
        : this(tlbs, first: null, hasSibling: false)
    {
    }

    private NaiveCaches(TlbConfiguration tlbs, NaiveCaches? first, bool hasSibling)
    {
        (_first, _hasSibling, _owner) = (first, hasSibling, first is null ? 0 : 1);
        Level instruction = LevelOf(TlbHit.First, "i", tlbs.Instruction4K, tlbs.InstructionLarge, tlbs.InstructionSizesShare);
        Level data = LevelOf(TlbHit.First, "d", tlbs.Data4K, tlbs.DataLarge, tlbs.DataSizesShare);
        Level load = LevelOf(TlbHit.Load, "l", tlbs.Load4K, tlbs.LoadLarge, shared: false);
        Level second = LevelOf(TlbHit.Second, "2d", tlbs.SecondData4K, tlbs.SecondDataLarge, tlbs.SecondSizesShare);
        Level secondInstruction = tlbs.SecondIsUnified
            ? second
            : LevelOf(TlbHit.Second, "2i", tlbs.SecondInstruction4K, tlbs.SecondInstructionLarge, shared: false);
        Pdes = ArrayOf("pde", tlbs.PdeCache);
        _paths = new()
        {
            ["fetch"] = [instruction, secondInstruction],
            ["load"] = load is { Small: null, Large: null } ? [data, second] : [load, data, second],
            ["store"] = [data, second],
        };
    }

    /// <summary>The caches of both logical processors of a core.</summary>
    public static NaiveCaches[] Core(TlbConfiguration tlbs)
    {
        var first = new NaiveCaches(tlbs, first: null, hasSibling: true);
        return [first, new NaiveCaches(tlbs, first, hasSibling: true)];
    }

    private NaiveArray? Pdes { get; }

    public TlbHit LookUp(uint linear, Access access, out ulong payload)
    {
        Level[] path = PathOf(access);
        for (int i = 0; i < path.Length; i++)
        {
            foreach (bool large in (bool[])[false, true])
            {
                if (path[i].Of(large) is { } array && array.TryGet(PageOf(linear, large), out payload, _owner))
                {
                    Fill(path[..i], linear, large, payload);
                    return path[i].Place;
                }
            }
        }

        payload = 0;
        return TlbHit.None;
    }

    public void Fill(uint linear, Access access, bool large, ulong payload)
    {
        _fills++;
        Fill(PathOf(access), linear, large, payload);
    }

    /// <summary>Which fill the entry that answers an access is from; one that was brought nearer counts as of the last before that.</summary>
    public uint StampOf(uint linear, Access access)
    {
        foreach (Level level in PathOf(access))
        {
            foreach (bool large in (bool[])[false, true])
            {
                if (level.Of(large) is { } array && array.TryPeek(PageOf(linear, large), out _, out uint stamp, _owner))
                {
                    return stamp;
                }
            }
        }

        return 0;
    }

    public bool HasPde(uint linear) => Pdes is not null && Pdes.TryGet(linear >> 21, out _, _owner);

    public void FillPde(uint linear) => Pdes?.Insert(linear >> 21, 0, global: false, stamp: 0, _owner);

    /// <summary>INVLPG: the page, and the whole PDE cache.</summary>
    public void Invalidate(uint linear)
    {
        Drop(linear);
        Pdes?.Flush(globalsToo: true, _owner);
    }

    public void Drop(uint linear)
    {
        foreach (NaiveArray array in _arrays.Values.Where(array => array != Pdes))
        {
            array.Remove(PageOf(linear, large: false), _owner);
            array.Remove(PageOf(linear, large: true), _owner);
        }
    }

    public void Flush(bool globalsToo)
    {
        foreach (NaiveArray array in _arrays.Values)
        {
            array.Flush(globalsToo, _owner);
        }
    }

    private static uint PageOf(uint linear, bool large) => large ? linear / 0x20_0000 + 0x10_0000 : linear / 4096;

    private void Fill(Level[] levels, uint linear, bool large, ulong payload)
    {
        foreach (Level level in levels)
        {
            level.Of(large)?.Insert(
                PageOf(linear, large), payload, ((PageAttributes)payload).HasFlag(PageAttributes.Global), _fills, _owner);
        }
    }

    private Level[] PathOf(Access access) => _paths[access.IsFetch ? "fetch" : access.IsWrite ? "store" : "load"];

    private Level LevelOf(TlbHit place, string name, TlbGeometry small, TlbGeometry large, bool shared)
    {
        NaiveArray? smallArray = ArrayOf(name + " small", small);
        return new Level(place, smallArray, shared ? smallArray : ArrayOf(name + " large", large));
    }

    private NaiveArray? ArrayOf(string name, TlbGeometry geometry)
    {
        if (geometry.Sets == 0)
        {
            return null;
        }

        int halves = _hasSibling && geometry.Siblings == SiblingSharing.Partitioned ? 2 : 1;
        NaiveArray array = _first is not null && geometry.Siblings == SiblingSharing.Shared
            ? _first._arrays[name]
            : new NaiveArray(geometry.Sets > 1
                ? geometry with { Sets = geometry.Sets / halves }
                : geometry with { Ways = geometry.Ways / halves });
        _arrays.Add(name, array);
        return array;
    }

    private sealed record Level(TlbHit Place, NaiveArray? Small, NaiveArray? Large)
    {
        public NaiveArray? Of(bool large) => large ? Large : Small;
    }
}
