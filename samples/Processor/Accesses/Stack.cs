using Iced.Intel;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Accesses;

/// <summary>The stack. ESP moves only after the access has succeeded.</summary>
/// <param name="state">Holds SS and ESP.</param>
/// <param name="memory">Makes the accesses to the current stack.</param>
/// <param name="linearMemory">Makes the accesses to the stack of another privilege level, which is not in SS yet.</param>
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

    /// <summary>Reads a value above ESP without popping it.</summary>
    /// <param name="depth">Distance of the value from ESP in bytes.</param>
    /// <param name="size">Bytes of the value.</param>
    /// <param name="value">The value, extended with zeros.</param>
    public bool TryPeek(uint depth, int size, out uint value) => memory.TryRead(Register.SS, state.Esp + depth, size, out value);

    /// <summary>Pushes several values or none. All places are checked, in the order of the pushes, before the first is written.</summary>
    public bool TryPushAll(ReadOnlySpan<uint> values, int size)
    {
        if (!TryWriteFrame(state.Segment(Register.SS), state.Esp, values, size, state.Accesses, GuestException.StackFault))
        {
            return false;
        }

        state.Esp -= (uint)(values.Length * size);
        return true;
    }

    /// <summary>Writes several values or none onto a stack to which the processor switches afterwards. ESP is left to the caller.</summary>
    /// <param name="stack">Segment of that stack.</param>
    /// <param name="esp">ESP of that stack before the first push.</param>
    /// <param name="values">The values, the first one highest.</param>
    /// <param name="size">Bytes of each value.</param>
    /// <param name="accesses">The accesses of the privilege level to which the stack belongs.</param>
    /// <param name="beyondLimit">The exception to raise if the segment has no room.</param>
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
