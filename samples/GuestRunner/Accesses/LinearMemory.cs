using System.Numerics;
using X86Pae.GuestRunner.Processor;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.GuestRunner.Accesses;

/// <summary>
/// Memory by linear address. This is all that stands between the processor and the library: it says on whose behalf an
/// access is made, and turns the fault that comes back into the guest's #PF.
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

    /// <summary>A read-modify-write: translated once, for writing, before anything is read.</summary>
    public bool TryUpdate<TOperation>(uint linear, int size, Access access, ref TOperation operation)
        where TOperation : struct, IOperation => size switch
        {
            1 => TryUpdateSized<byte, TOperation>(linear, access, ref operation),
            2 => TryUpdateSized<ushort, TOperation>(linear, access, ref operation),
            _ => TryUpdateSized<uint, TOperation>(linear, access, ref operation),
        };

    /// <summary>The same for eight bytes (CMPXCHG8B), with an update that is made for that width.</summary>
    public bool TryUpdateQuadword<TUpdate>(uint linear, Access access, ref TUpdate update)
        where TUpdate : struct, IMemoryUpdate<ulong> => Accept(mmu.Update(linear, access, ref update, out ulong _));

    /// <summary>Makes sure that an access will succeed, with all its side effects but the access itself.</summary>
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
