using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

/// <summary>An array of translations with its only owner.</summary>
internal sealed class OwnedArray
{
    private readonly TranslationArray _array;
    private readonly TagOwner _owner;

    public OwnedArray(TlbGeometry geometry)
    {
        var space = new TagSpace(TranslationArray.PageBits);
        _array = new TranslationArray(geometry, space, isStamped: true);
        _owner = new TagOwner(space, 0);
    }

    public bool IsEmpty => _array.IsEmpty;

    public bool TryGet(uint page, out ulong payload) => (payload = _array.LookUp(page, _owner)) != 0;

    public bool TryPeek(uint page, out ulong payload, out uint stamp) => (payload = _array.Peek(page, _owner, out stamp)) != 0;

    public void Insert(uint page, ulong payload, bool global, uint stamp)
    {
        if (TryPeek(page, out _, out _))
        {
            _array.Insert(page, _owner, payload, global, stamp);
        }
        else
        {
            _array.InsertMissing(page, _owner, payload, global, stamp);
        }
    }

    public bool Remove(uint page)
    {
        bool held = TryPeek(page, out _, out _);
        _array.Remove(page, _owner);
        return held;
    }

    public void RemoveNonGlobal(uint page) => _array.RemoveNonGlobal(page, _owner);

    public void Evict(uint place) => _array.Evict(place);

    public void FlushNonGlobal() => _owner.FlushNonGlobal();

    public void FlushAll() => _owner.FlushAll();
}
