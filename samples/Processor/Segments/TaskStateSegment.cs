// The fields of a 32-bit TSS that this processor uses. Intel SDM vol. 3, 7.2.1 and vol. 1, 18.5.2.
//
//   4 + 8n   ESPn, 8 + 8n  SSn     the stack for code at CPL n, 0 to 2
//   66h      16 bits               offset of the I/O permission bitmap: a bit for each port, 1 refuses

using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Segments;

/// <summary>Reads the current TSS, on the processor's own behalf.</summary>
/// <param name="state">Holds TR.</param>
/// <param name="memory">Holds the TSS.</param>
internal sealed class TaskStateSegment(CpuState state, LinearMemory memory)
{
    private const uint BitmapOffset = 0x66;

    /// <summary>Reads the stack for an inner privilege level.</summary>
    /// <param name="privilege">0 to 2.</param>
    /// <param name="isExternal">Whether an exception is being delivered.</param>
    /// <param name="selector">SS of that stack, unchecked.</param>
    /// <param name="esp">ESP of that stack.</param>
    public bool TryReadStack(int privilege, bool isExternal, out ushort selector, out uint esp)
    {
        selector = 0;
        esp = 0;
        uint offset = 4 + (8 * (uint)privilege);
        if (DescriptorTables.IsNull(state.Tr.Selector) || offset + 5 > state.Tr.Limit)
        {
            return state.Raise(GuestException.OnSelector(ExceptionVector.InvalidTss, state.Tr.Selector, isExternal));
        }

        return memory.TryRead(state.Tr.Base + offset, AccessSet.Implicit.Read, out esp)
            && memory.TryRead(state.Tr.Base + offset + 4, AccessSet.Implicit.Read, out selector);
    }

    /// <summary>Checks that the program may use some ports: at a CPL up to IOPL any, above it those that the bitmap permits.</summary>
    /// <param name="port">The first port.</param>
    /// <param name="count">1, 2 or 4.</param>
    public bool TryAllowPorts(ushort port, int count)
    {
        if (state.Cpl <= state.IoPrivilegeLevel)
        {
            return true;
        }

        if (DescriptorTables.IsNull(state.Tr.Selector) || BitmapOffset + 1 > state.Tr.Limit)
        {
            return state.Raise(GuestException.GeneralProtection);
        }

        if (!memory.TryRead(state.Tr.Base + BitmapOffset, AccessSet.Implicit.Read, out ushort bitmap))
        {
            return false;
        }

        // Two bytes are read whatever the port, so the bitmap ends with a byte that no port uses.
        uint offset = bitmap + ((uint)port / 8);
        if (offset + 1 > state.Tr.Limit)
        {
            return state.Raise(GuestException.GeneralProtection);
        }

        if (!memory.TryRead(state.Tr.Base + offset, AccessSet.Implicit.Read, out ushort bits))
        {
            return false;
        }

        int refused = (bits >> (port % 8)) & ((1 << count) - 1);
        return refused == 0 || state.Raise(GuestException.GeneralProtection);
    }
}
