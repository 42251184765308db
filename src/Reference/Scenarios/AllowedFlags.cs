using X86Pae.Reference.Specification;

namespace X86Pae.Reference.Scenarios;

/// <summary>In which entries an access may set A, and D.</summary>
internal sealed class AllowedFlags
{
    public const byte Accessed = 0x20;
    public const byte AccessedAndDirty = 0x60;

    private const byte Present = 0x01;

    private readonly List<(ulong Address, byte Flags)> _entries = [];
    private bool _anyAccessed;

    /// <summary>Nothing may be set, but for A anywhere if walks are made on speculation.</summary>
    public void Clear(bool speculates)
    {
        _entries.Clear();
        _anyAccessed = speculates;
    }

    /// <summary>All that one of the ways to a result sets.</summary>
    public void Add(List<SpecPermitted> ways, bool isWrite)
    {
        foreach (SpecPermitted way in ways)
        {
            if (way.Pde != SpecPermitted.None)
            {
                _entries.Add((way.Pde, Accessed));
            }

            if (way.Leaf != SpecPermitted.None)
            {
                _entries.Add((way.Leaf, isWrite ? AccessedAndDirty : Accessed));
            }
        }
    }

    /// <summary>Whether a byte may have changed as it has: bits were only set, in the low byte of an entry.</summary>
    public bool Allows(ulong address, byte before, byte after)
    {
        int set = after & ~before;
        if ((before & ~after) != 0)
        {
            return false;
        }

        int allowed = Of(address);
        if (_anyAccessed && (before & Present) != 0 && (address & 3) == 0)
        {
            allowed |= Accessed;
        }

        return (set & ~allowed) == 0;
    }

    /// <summary>Whether an access may have overwritten an entry that it, or speculation meanwhile, has used.</summary>
    public bool AreIn(DataRange written, SpecMemory before)
    {
        for (int i = 0; i < written.FirstLength + written.SecondLength; i++)
        {
            ulong address = written.AddressOf(i);
            if (_anyAccessed && ((before.Load(address & ~7ul, 1) | before.Load(address & ~3ul, 1)) & Present) != 0)
            {
                return true;
            }

            foreach ((ulong entry, _) in _entries)
            {
                if (address >= entry && address < entry + 8)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private int Of(ulong address)
    {
        int flags = 0;
        foreach ((ulong entry, byte allowed) in _entries)
        {
            flags |= entry == address ? allowed : 0;
        }

        return flags;
    }
}

/// <summary>The bytes of an operand in physical memory, in one page or two.</summary>
internal readonly record struct DataRange(ulong First, int FirstLength, ulong Second = 0, int SecondLength = 0)
{
    public bool Contains(ulong address) =>
        (address >= First && address < First + (ulong)FirstLength)
        || (address >= Second && address < Second + (ulong)SecondLength);

    /// <summary>Physical address of a byte of the operand.</summary>
    public ulong AddressOf(int index) => index < FirstLength ? First + (ulong)index : Second + (ulong)(index - FirstLength);
}
