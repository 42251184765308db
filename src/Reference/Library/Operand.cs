using System.Buffers.Binary;
using System.Numerics;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Reference.Library;

/// <summary>Accesses of 1 to 16 bytes through the entry points of an MMU, with the bytes as they were read or written.</summary>
internal static class Operand
{
    /// <summary>Reads, fetches, stores or flips bits.</summary>
    /// <param name="mmu">The MMU.</param>
    /// <param name="linear">Address of the first byte.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="value">What a store writes and a read-modify-write flips, byte by byte.</param>
    /// <param name="found">Receives what a load, a fetch or a read-modify-write found.</param>
    public static AccessResult Access<TTiming>(
        Mmu<RamBus, TTiming> mmu, uint linear, Access access, ReadOnlySpan<byte> value, Span<byte> found)
        where TTiming : struct, ITiming =>
        value.Length switch
        {
            1 => Access(mmu, linear, access, value[0], found),
            2 => Access(mmu, linear, access, BinaryPrimitives.ReadUInt16LittleEndian(value), found),
            4 => Access(mmu, linear, access, BinaryPrimitives.ReadUInt32LittleEndian(value), found),
            8 => Access(mmu, linear, access, BinaryPrimitives.ReadUInt64LittleEndian(value), found),
            _ when access.Kind is AccessKind.Read or AccessKind.Fetch => mmu.Read(linear, access, found),
            _ when access.Kind == AccessKind.Write => mmu.Write(linear, access, value),
            _ => Access(mmu, linear, access, BinaryPrimitives.ReadUInt128LittleEndian(value), found),
        };

    private static AccessResult Access<TTiming, T>(
        Mmu<RamBus, TTiming> mmu, uint linear, Access access, T value, Span<byte> found)
        where TTiming : struct, ITiming
        where T : unmanaged, IBinaryInteger<T>
    {
        T before = default;
        AccessResult result;
        switch (access.Kind)
        {
            case AccessKind.Write:
                result = mmu.Write(linear, access, value);
                break;
            case AccessKind.ReadModifyWrite:
                var flip = new XorUpdate<T>(value);
                result = mmu.Update(linear, access, ref flip, out before);
                break;
            default:
                result = mmu.Read(linear, access, out before);
                break;
        }

        before.WriteLittleEndian(found);
        return result;
    }
}

/// <summary>A read-modify-write that flips bits.</summary>
internal readonly struct XorUpdate<T>(T bits) : IMemoryUpdate<T>
    where T : unmanaged, IBitwiseOperators<T, T, T>
{
    public T Apply(T value) => value ^ bits;
}
