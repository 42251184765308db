using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace X86Pae.Memory;

/// <summary>Zeroed memory that stays where it is, from the start of a cache line on.</summary>
internal sealed unsafe class PinnedBuffer
{
    private const int Alignment = 64;

    private readonly byte[] _memory; // keeps what Start points into alive

    /// <summary>Allocates.</summary>
    /// <param name="sizeInBytes">How much, 0 or more.</param>
    public PinnedBuffer(int sizeInBytes)
    {
        _memory = GC.AllocateArray<byte>(sizeInBytes + Alignment - 1, pinned: true);
        var address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_memory));
        Start = (byte*)((address + Alignment - 1) & -Alignment);
    }

    /// <summary>The first byte; valid while this object is reachable.</summary>
    public byte* Start { get; }
}
