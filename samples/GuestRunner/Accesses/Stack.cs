using Iced.Intel;
using X86Pae.GuestRunner.Processor;
using X86Pae.GuestRunner.Segments;

namespace X86Pae.GuestRunner.Accesses;

/// <summary>The stack. ESP moves only after the access has succeeded.</summary>
/// <param name="state">SS and ESP.</param>
/// <param name="memory">The current stack.</param>
/// <param name="linearMemory">The stack of another privilege level, which is not in SS yet.</param>
internal sealed class Stack(CpuState state, SegmentedMemory memory, LinearMemory linearMemory)
{
    public bool TryPush(uint value, int size)
    {
        uint esp = state.Esp - (uint)size;
        if (!memory.TryWrite(Register.SS, esp, size, value))
        {
            return false;
        }

        state.Esp = esp;
        return true;
    }

    /// <summary>Reads what lies some bytes above ESP, without popping it.</summary>
    public bool TryPeek(uint depth, int size, out uint value) => memory.TryRead(Register.SS, state.Esp + depth, size, out value);

    /// <summary>Pushes several values or none: all places are checked, in the order of the pushes, before one is written.</summary>
    public bool TryPushAll(ReadOnlySpan<uint> values, int size)
    {
        if (!TryWriteFrame(state.Segment(Register.SS), state.Esp, values, size, state.Accesses, GuestException.StackFault))
        {
            return false;
        }

        state.Esp -= (uint)(values.Length * size);
        return true;
    }

    /// <summary>The same on a stack that the processor is about to switch to; ESP is left to the caller.</summary>
    /// <param name="stack">Its segment.</param>
    /// <param name="esp">Its ESP before the first push.</param>
    /// <param name="values">What is pushed, the first one highest.</param>
    /// <param name="size">Bytes of each value.</param>
    /// <param name="accesses">On whose behalf: that of the privilege level the stack belongs to.</param>
    /// <param name="beyondLimit">The exception where the segment has no room.</param>
    public bool TryWriteFrame(
        in SegmentRegister stack, uint esp, ReadOnlySpan<uint> values, int size, AccessSet accesses, GuestException beyondLimit)
    {
        for (int i = 1; i <= values.Length; i++)
        {
            uint offset = esp - (uint)(i * size);
            if (!stack.Allows(offset, (uint)size, isWrite: true))
            {
                return state.Raise(beyondLimit);
            }

            if (!linearMemory.TryProbe(stack.Base + offset, size, accesses.Write))
            {
                return false;
            }
        }

        for (int i = 1; i <= values.Length; i++)
        {
            if (!linearMemory.TryWrite(stack.Base + esp - (uint)(i * size), size, accesses.Write, values[i - 1]))
            {
                return false;
            }
        }

        return true;
    }
}
