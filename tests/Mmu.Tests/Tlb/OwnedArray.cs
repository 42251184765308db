using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

/// <summary>An array of translations with its only owner.</summary>
internal sealed class OwnedArray
{
    private readonly TranslationArray _array;
    private readonly Generations _owner;
    private bool _asksSets;

    public OwnedArray(TlbGeometry geometry)
    {
        var space = new GenerationSpace(TranslationArray.PageBits);
        _array = new TranslationArray(geometry, space, isStamped: true);
        _owner = new Generations(space, 0);
    }

    /// <summary>Looks a page up; every other time in the sets before the array, as a TLB does.</summary>
    public bool TryGet(uint page, out ulong payload)
    {
        _asksSets = !_asksSets;
        return (_asksSets && (_array.SetsOfFour.TryUse(page, _owner, out payload) || _array.IndexedSet.TryUse(page, _owner, out payload)))
            || (payload = _array.LookUp(page, _owner)) != 0;
    }

    public bool TryPeek(uint page, out ulong payload, out uint stamp) => (payload = _array.Peek(page, _owner, out stamp)) != 0;

    public void Insert(uint page, ulong payload, bool global, uint stamp)
    {
        if (TryPeek(page, out _, out _))
        {
            _array.Set(page, _owner, payload, global, stamp);
        }
        else if (TlbLookup.IsGlobalPayload(payload) != global || !TryReplace(page, payload, stamp))
        {
            _array.Add(page, _owner, payload, global, stamp);
        }
    }

    public bool Remove(uint page)
    {
        bool held = TryPeek(page, out _, out _);
        _array.Remove(page, _owner, global: true);
        return held;
    }

    public void RemoveNonGlobal(uint page) => _array.Remove(page, _owner, global: false);

    public void Evict(uint place) => _array.Evict(place);

    public void FlushNonGlobal() => _owner.FlushNonGlobal();

    public void FlushAll() => _owner.FlushAll();

    private bool TryReplace(uint page, ulong payload, uint stamp)
    {
        _owner.Fills = stamp;
        return _array.SetsOfFour.TryReplace(page, _owner, payload);
    }
}
