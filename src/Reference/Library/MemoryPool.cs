using System.Collections.Concurrent;
using X86Pae.Memory;

namespace X86Pae.Reference.Library;

/// <summary>Guest memories that scenarios use one after the other.</summary>
/// <remarks>Each has a table and a finalizer, which cost far more than zeroing the few pages of a scenario.</remarks>
internal sealed class MemoryPool
{
    private const ulong LargestPooled = 1 << 20;
    private const int PageSize = 4096;

    private static readonly byte[] Zeros = new byte[PageSize];

    private readonly ConcurrentDictionary<(ulong Size, byte OpenBus), ConcurrentBag<GuestMemory>> _unused = [];

    /// <summary>Gives a memory of zeros.</summary>
    /// <param name="size">Its size in bytes.</param>
    /// <param name="openBus">What a byte beyond its end reads as.</param>
    public SharedMemory Take(ulong size, byte openBus)
    {
        if (size > LargestPooled)
        {
            return new SharedMemory(new GuestMemory(size, openBus), returned: null);
        }

        ConcurrentBag<GuestMemory> unused = _unused.GetOrAdd((size, openBus), _ => []);
        return unused.TryTake(out GuestMemory? memory)
            ? new SharedMemory(Cleared(memory), unused)
            : new SharedMemory(new GuestMemory(size, openBus), unused);
    }

    private static GuestMemory Cleared(GuestMemory memory)
    {
        var bus = new RamBus(memory);
        for (ulong address = 0; address < memory.SizeInBytes; address += PageSize)
        {
            bus.Write(address, Zeros);
        }

        return memory;
    }
}

/// <summary>The memory of one scenario's processors; it goes back to the pool when the first of them is disposed of.</summary>
internal sealed class SharedMemory(GuestMemory ram, ConcurrentBag<GuestMemory>? returned)
{
    private ConcurrentBag<GuestMemory>? _returned = returned;

    /// <summary>The memory itself.</summary>
    public GuestMemory Ram => ram;

    /// <summary>Ends the use of the memory; a second call does nothing.</summary>
    public void Return() => Interlocked.Exchange(ref _returned, null)?.Add(ram);
}
