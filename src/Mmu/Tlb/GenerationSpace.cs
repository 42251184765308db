// The generations under which entries count, in the upper bits of their tags.
//
//   tag   31          PageBits   PageBits - 1          0
//        +-------------------+----------------------------+
//        | generation        | page number                |     generation 0 is never handed out: tag 0 is an empty way
//        +-------------------+----------------------------+     all ones are never handed out: see Generations.NoTag
//
//   Each logical processor has two current generations, one for its global entries and one for the others; an entry counts while
//   its generation is a current one of its processor. A flush takes a new generation, so it costs the same whatever is held. No
//   two processors ever have the same one, so they may share arrays. When the numbers run out, the tags that still count get new
//   ones.

namespace X86Pae.Tlb;

/// <summary>The numbers from which a group of arrays of translations, and the processors that share them, take generations.</summary>
internal sealed class GenerationSpace
{
    private readonly List<TranslationArray> _arrays = [];
    private readonly List<Generations> _owners = [];
    private readonly int _pageBits;
    private readonly uint _last;
    private uint[] _current = [];
    private uint[] _before = []; // room for the same, before they are renumbered

    /// <summary>Creates a space from which nothing has been taken.</summary>
    /// <param name="pageBits">Width of a page number, with the mark of large pages where there is one.</param>
    public GenerationSpace(int pageBits)
    {
        _pageBits = pageBits;
        _last = (uint.MaxValue >> pageBits) - 1;
    }

    /// <summary>The generation handed out last: while it stays the same, no entry has lost its validity by a flush.</summary>
    public uint Latest
    {
        get;
        private set
        {
            field = value;
            foreach (Generations owner in _owners)
            {
                owner.Latest = value;
            }
        }
    }

    /// <summary>The bits of a tag that hold its generation.</summary>
    public uint GenerationMask => uint.MaxValue << _pageBits;

    /// <summary>All generations that are current, as they stand in tags.</summary>
    public ReadOnlySpan<uint> Current => _current;

    /// <summary>Counts an array among those whose tags are numbered from here.</summary>
    /// <param name="array">The array.</param>
    public void Add(TranslationArray array) => _arrays.Add(array);

    /// <summary>Counts a processor, at any time; it takes its first generations itself.</summary>
    /// <param name="owner">Its generations.</param>
    public void Add(Generations owner)
    {
        _owners.Add(owner);
        Array.Resize(ref _current, 2 * _owners.Count);
        _before = new uint[_current.Length];
    }

    /// <summary>Hands out a generation that no tag has.</summary>
    /// <returns>The generation as it stands in tags.</returns>
    public uint Next()
    {
        if (Latest == _last)
        {
            Renumber();
        }

        return ++Latest << _pageBits;
    }

    /// <summary>Takes notice of the current generations of a processor.</summary>
    /// <param name="owner">Its generations, of which one is new.</param>
    public void Follow(Generations owner)
    {
        _current[2 * owner.Index] = owner.Local;
        _current[(2 * owner.Index) + 1] = owner.Global;
    }

    /// <summary>Gives the current generations the lowest numbers, and empties every way that does not count.</summary>
    private void Renumber()
    {
        _current.CopyTo(_before.AsSpan());
        for (int i = 0; i < _current.Length; i++)
        {
            _current[i] = (uint)(i + 1) << _pageBits;
        }

        foreach (TranslationArray array in _arrays)
        {
            array.Renumber(_before, _current);
        }

        foreach (Generations owner in _owners)
        {
            owner.Renumber(_current[2 * owner.Index], _current[(2 * owner.Index) + 1]);
        }

        Latest = (uint)_current.Length;
    }
}
