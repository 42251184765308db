using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace X86Pae.Memory;

/// <summary>Zeroed memory that stays where it is.</summary>
internal sealed unsafe class PinnedBuffer
{
    private const int Line = 64; // of the host's cache

    private readonly byte[] _memory; // keeps what Start points into alive

    /// <summary>Allocates.</summary>
    /// <param name="sizeInBytes">How much, 0 or more.</param>
    /// <param name="startsALine">Whether a line of the host's cache begins where it does; else it is aligned to words of 8 bytes.</param>
    public PinnedBuffer(int sizeInBytes, bool startsALine = true)
    {
        int alignment = startsALine ? Line : sizeof(ulong);
        _memory = GC.AllocateArray<byte>(sizeInBytes + alignment - sizeof(nint), pinned: true); // which begins at a word of the host
        var address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_memory));
        Start = (byte*)((address + alignment - 1) & -alignment);
    }

    /// <summary>The first byte; valid while this object is reachable.</summary>
    public byte* Start { get; }
}
