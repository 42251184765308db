using System.Runtime.CompilerServices;

namespace X86Pae.Bench.HotPaths;

/// <summary>The floor of a TLB hit: two arrays, one compare. No rights, no ways, no replacement.</summary>
internal sealed class DirectMappedTlb
{
    private const int Entries = 256;

    private readonly uint[] _tags = new uint[Entries];
    private readonly ulong[] _frames = new ulong[Entries];

    /// <summary>Creates one that holds some pages at consecutive frames.</summary>
    /// <param name="linear">Linear address of the first page.</param>
    /// <param name="frame">Physical address of its frame.</param>
    public DirectMappedTlb(uint linear, ulong frame)
    {
        for (uint i = 0; i < GuestTables.HeldPages; i++)
        {
            uint page = (linear / GuestTables.PageSize) + i;
            _tags[page % Entries] = page;
            _frames[page % Entries] = frame + (i * GuestTables.PageSize);
        }
    }

    /// <summary>The physical address of a linear one, or all ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a floor has no call
    public ulong Translate(uint linear)
    {
        uint page = linear / GuestTables.PageSize;
        return _tags[page % Entries] == page ? _frames[page % Entries] | (linear % GuestTables.PageSize) : ulong.MaxValue;
    }
}
