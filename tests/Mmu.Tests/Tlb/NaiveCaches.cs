using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

/// <summary>All levels of TLB in plain words, over naive arrays: asked from the nearest on, as 4-KiB page and as large page.</summary>
internal sealed class NaiveCaches
{
    private readonly List<NaiveArray> _all = [];
    private readonly Dictionary<string, Level[]> _paths;

    public NaiveCaches(TlbConfiguration tlbs)
    {
        Level instruction = LevelOf(TlbHit.First, tlbs.Instruction4K, tlbs.InstructionLarge, tlbs.InstructionSizesShare);
        Level data = LevelOf(TlbHit.First, tlbs.Data4K, tlbs.DataLarge, tlbs.DataSizesShare);
        Level load = LevelOf(TlbHit.Load, tlbs.Load4K, tlbs.LoadLarge, shared: false);
        Level second = LevelOf(TlbHit.Second, tlbs.SecondData4K, tlbs.SecondDataLarge, tlbs.SecondSizesShare);
        Level secondInstruction = tlbs.SecondIsUnified
            ? second
            : LevelOf(TlbHit.Second, tlbs.SecondInstruction4K, tlbs.SecondInstructionLarge, shared: false);
        _paths = new()
        {
            ["fetch"] = [instruction, secondInstruction],
            ["load"] = load is { Small: null, Large: null } ? [data, second] : [load, data, second],
            ["store"] = [data, second],
        };
    }

    public TlbHit LookUp(uint linear, Access access, out ulong payload)
    {
        Level[] path = PathOf(access);
        for (int i = 0; i < path.Length; i++)
        {
            foreach (bool large in (bool[])[false, true])
            {
                if (path[i].Of(large) is { } array && array.TryGet(PageOf(linear, large), out payload))
                {
                    Fill(path[..i], linear, large, payload);
                    return path[i].Place;
                }
            }
        }

        payload = 0;
        return TlbHit.None;
    }

    public void Fill(uint linear, Access access, bool large, ulong payload) => Fill(PathOf(access), linear, large, payload);

    public void Drop(uint linear)
    {
        foreach (NaiveArray array in _all)
        {
            array.Remove(PageOf(linear, large: false));
            array.Remove(PageOf(linear, large: true));
        }
    }

    public void Flush(bool globalsToo) => _all.ForEach(array => array.Flush(globalsToo));

    private static uint PageOf(uint linear, bool large) => large ? linear / 0x20_0000 + 0x10_0000 : linear / 4096;

    private static void Fill(Level[] levels, uint linear, bool large, ulong payload)
    {
        foreach (Level level in levels)
        {
            level.Of(large)?.Insert(
                PageOf(linear, large), payload, ((PageAttributes)payload).HasFlag(PageAttributes.Global), stamp: 0);
        }
    }

    private Level[] PathOf(Access access) => _paths[access.IsFetch ? "fetch" : access.IsWrite ? "store" : "load"];

    private Level LevelOf(TlbHit place, TlbGeometry small, TlbGeometry large, bool shared)
    {
        NaiveArray? smallArray = ArrayOf(small);
        return new Level(place, smallArray, shared ? smallArray : ArrayOf(large));
    }

    private NaiveArray? ArrayOf(TlbGeometry geometry)
    {
        if (geometry.Sets == 0)
        {
            return null;
        }

        _all.Add(new NaiveArray(geometry));
        return _all[^1];
    }

    private sealed record Level(TlbHit Place, NaiveArray? Small, NaiveArray? Large)
    {
        public NaiveArray? Of(bool large) => large ? Large : Small;
    }
}
