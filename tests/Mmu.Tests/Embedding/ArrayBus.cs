using System.Runtime.InteropServices;
using X86Pae.Memory;

namespace X86Pae.Tests.Embedding;

/// <summary>The bus of an emulator that keeps guest RAM in one array.</summary>
/// <param name="ram">Guest RAM; index 0 is physical address 0. Beyond its end reads give FFh and writes are dropped.</param>
/// <param name="isPinned">Whether the array never moves: GC.AllocateArray&lt;byte&gt;(sizeInBytes, pinned: true).</param>
internal readonly struct ArrayBus(byte[] ram, bool isPinned = false) : IBus
{
    private const ulong PageSize = 4096;

    // RAM in native memory: new SpanBus(new Span<byte>(pointer, sizeInBytes)).
    private SpanBus Ram => new(ram);

    public ulong LoadEntry64(ulong address) => Ram.LoadEntry64(address);

    public uint LoadEntry32(ulong address) => Ram.LoadEntry32(address);

    public EntryUpdate UpdateEntry64(ulong address, ulong expected, ulong desired) =>
        Ram.UpdateEntry64(address, expected, desired);

    public EntryUpdate UpdateEntry32(ulong address, uint expected, uint desired) =>
        Ram.UpdateEntry32(address, expected, desired);

    public T Load<T>(ulong address)
        where T : unmanaged => Ram.Load<T>(address);

    public void Store<T>(ulong address, T value)
        where T : unmanaged => Ram.Store(address, value);

    public void Read(ulong address, Span<byte> destination) => Ram.Read(address, destination);

    public void Write(ulong address, ReadOnlySpan<byte> source) => Ram.Write(address, source);

    // Lets accesses that hit go straight to the array. 0 is always right, and the only answer for an array that may move.
    public nint HostPage(ulong address, bool forWrite)
    {
        ulong page = address & ~(PageSize - 1);
        return isPinned && page < (ulong)ram.Length && (ulong)ram.Length - page >= PageSize
            ? Marshal.UnsafeAddrOfPinnedArrayElement(ram, (int)page)
            : 0;
    }
}
