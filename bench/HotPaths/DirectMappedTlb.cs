using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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

    /// <summary>Looks every address up.</summary>
    [MethodImpl(CompiledOnce.AndForAll)]
    public ulong TranslateAll(uint[] addresses)
    {
        ulong digest = 0;
        foreach (uint address in addresses)
        {
            digest ^= Translate(address);
        }

        return digest;
    }

    /// <summary>Looks every address up, and loads four bytes.</summary>
    /// <param name="data">The frames that it was created with, from physical address 0 on.</param>
    /// <param name="addresses">The addresses.</param>
    /// <param name="addressing">How they come about.</param>
    [MethodImpl(CompiledOnce.AndForAll)]
    public uint LoadAll<TAddressing>(byte[] data, uint[] addresses, TAddressing addressing)
        where TAddressing : struct, IAddressing
    {
        ref byte start = ref MemoryMarshal.GetArrayDataReference(data);
        uint digest = 0;
        foreach (uint address in addresses)
        {
            ulong physical = Translate(addressing.Next(address, digest));
            if (physical < GuestTables.HeldPages * (ulong)GuestTables.PageSize)
            {
                digest ^= Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, (nint)physical));
            }
        }

        return digest;
    }

    /// <summary>The physical address of a linear one, or all ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a floor has no call
    private ulong Translate(uint linear)
    {
        uint page = linear / GuestTables.PageSize;
        return _tags[page % Entries] == page ? _frames[page % Entries] | (linear % GuestTables.PageSize) : ulong.MaxValue;
    }
}
