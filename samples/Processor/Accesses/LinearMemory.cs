using System.Numerics;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Accesses;

/// <summary>
/// Memory by linear address. This class alone stands between the processor and the library: it hands each access to the MMU,
/// and raises the guest's #PF where the MMU answers with a fault.
/// </summary>
/// <param name="mmu">The MMU of this processor.</param>
/// <param name="state">Receives the exception.</param>
internal sealed class LinearMemory(GuestMmu mmu, CpuState state)
{
    public bool TryRead(uint linear, int size, Access access, out uint value)
    {
        switch (size)
        {
            case 1:
                bool done = TryRead(linear, access, out byte narrow);
                value = narrow;
                return done;
            case 2:
                done = TryRead(linear, access, out ushort half);
                value = half;
                return done;
            default:
                return TryRead(linear, access, out value);
        }
    }

    public bool TryRead<T>(uint linear, Access access, out T value)
        where T : unmanaged => Accept(mmu.Read(linear, access, out value));

    public bool TryRead(uint linear, Access access, Span<byte> destination) => Accept(mmu.Read(linear, access, destination));

    public bool TryWrite(uint linear, int size, Access access, uint value) => Accept(size switch
    {
        1 => mmu.Write(linear, access, (byte)value),
        2 => mmu.Write(linear, access, (ushort)value),
        _ => mmu.Write(linear, access, value),
    });

    /// <summary>A read-modify-write. The address is translated once, for writing, before the old value is read.</summary>
    public bool TryUpdate<TOperation>(uint linear, int size, Access access, ref TOperation operation)
        where TOperation : struct, IOperation => size switch
        {
            1 => TryUpdateSized<byte, TOperation>(linear, access, ref operation),
            2 => TryUpdateSized<ushort, TOperation>(linear, access, ref operation),
            _ => TryUpdateSized<uint, TOperation>(linear, access, ref operation),
        };

    /// <summary>A read-modify-write of eight bytes (CMPXCHG8B).</summary>
    public bool TryUpdateQuadword<TUpdate>(uint linear, Access access, ref TUpdate update)
        where TUpdate : struct, IMemoryUpdate<ulong> => Accept(mmu.Update(linear, access, ref update, out ulong _));

    /// <summary>Translates the pages of an access without making it: it faults, and sets A and D, as the access would.</summary>
    public bool TryProbe(uint linear, int size, Access access)
    {
        WalkResult first = mmu.Translate(linear, access);
        if (first.IsFault)
        {
            return state.Raise(GuestException.PageFault(first.Fault));
        }

        uint last = linear + (uint)size - 1;
        if ((linear ^ last) < 0x1000)
        {
            return true;
        }

        WalkResult second = mmu.Translate(last & ~0xFFFu, access);
        return !second.IsFault || state.Raise(GuestException.PageFault(second.Fault));
    }

    private bool TryUpdateSized<T, TOperation>(uint linear, Access access, ref TOperation operation)
        where T : unmanaged, IBinaryInteger<T>
        where TOperation : struct, IOperation
    {
        var update = new SizedUpdate<T, TOperation>(operation);
        bool done = Accept(mmu.Update(linear, access, ref update, out T _));
        operation = update.Operation;
        return done;
    }

    private bool Accept(AccessResult result) => !result.IsFault || state.Raise(GuestException.PageFault(result.Fault));
}
