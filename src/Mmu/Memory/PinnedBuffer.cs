using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace X86Pae.Memory;

/// <summary>Zeroed memory that the garbage collector does not move.</summary>
internal sealed unsafe class PinnedBuffer
{
    private const int Line = 64; // of the host's cache

    private readonly byte[] _memory; // Start points into it; the reference keeps it alive

    /// <summary>Allocates the memory.</summary>
    /// <param name="sizeInBytes">Size in bytes, 0 or more.</param>
    /// <param name="startsALine">
    /// Whether it is aligned to a cache line of the host, 64 bytes; otherwise it is aligned to 8 bytes.
    /// </param>
    public PinnedBuffer(int sizeInBytes, bool startsALine = true)
    {
        int alignment = startsALine ? Line : sizeof(ulong);
        _memory = GC.AllocateArray<byte>(sizeInBytes + alignment - sizeof(nint), pinned: true); // an array begins at a word of the host
        var address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_memory));
        Start = (byte*)((address + alignment - 1) & -alignment);
    }

    /// <summary>The first byte; valid while this object is reachable.</summary>
    public byte* Start { get; }
}
