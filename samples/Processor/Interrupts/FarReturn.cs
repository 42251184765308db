using Iced.Intel;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;
using X86Pae.Samples.Processor.Segments;

namespace X86Pae.Samples.Processor.Interrupts;

/// <summary>IRET and RETF, to the same or a less privileged level.</summary>
internal sealed class FarReturn(CpuState state, Stack stack, SegmentLoader segments)
{
    /// <summary>IRET.</summary>
    /// <param name="size">Bytes of each value on the stack, 2 or 4.</param>
    public bool TryReturnFromInterrupt(int size)
    {
        if (state.Has(Eflags.NestedTask))
        {
            return state.RefuseUnsupported("IRET from a nested task");
        }

        if (!stack.TryPeek(2 * (uint)size, size, out uint image))
        {
            return false;
        }

        var flags = (Eflags)image;
        if (state.Cpl == 0 && (flags & Eflags.Virtual8086) != 0)
        {
            return state.RefuseUnsupported("virtual-8086 mode");
        }

        // The privilege before the return decides which flags are loaded.
        Eflags loaded = state.LoadableFlags(size) | Eflags.Resume;
        if (!TryReturn(size, valuesAboveCs: 1, parameterBytes: 0))
        {
            return false;
        }

        state.LoadFlags(flags, loaded);
        return true;
    }

    /// <summary>RETF, and the part of IRET that is the same.</summary>
    /// <param name="size">Bytes of each value on the stack, 2 or 4.</param>
    /// <param name="valuesAboveCs">Values between CS and ESP on the stack: 1 for IRET, which pops EFLAGS there, else 0.</param>
    /// <param name="parameterBytes">Bytes that RETF n drops from the old stack and from the new one.</param>
    public bool TryReturn(int size, int valuesAboveCs, ushort parameterBytes)
    {
        if (!stack.TryPeek(0, size, out uint eip) || !stack.TryPeek((uint)size, size, out uint selector))
        {
            return false;
        }

        int privilege = (int)(selector & 3);
        var cs = (ushort)selector;
        if (privilege < state.Cpl)
        {
            return state.Raise(GuestException.OnSelector(ExceptionVector.GeneralProtection, cs));
        }

        if (!segments.TryCheckCode(cs, privilege, isReturn: true, out SegmentRegister code))
        {
            return false;
        }

        uint popped = (uint)((2 + valuesAboveCs) * size) + parameterBytes;
        uint esp = state.Esp + popped;
        SegmentRegister outer = state.Segment(Register.SS);
        if (privilege > state.Cpl && !TryReadOuterStack(popped, size, parameterBytes, privilege, out outer, out esp))
        {
            return false;
        }

        if (!code.Contains(eip, 1))
        {
            return state.Raise(GuestException.GeneralProtection);
        }

        state.NextEip = eip;
        state.Segment(Register.CS) = code;
        state.Segment(Register.SS) = outer;
        state.Esp = esp;
        if (privilege > state.Cpl)
        {
            state.Cpl = privilege;
            segments.DropPrivilegedSegments();
        }

        return true;
    }

    private bool TryReadOuterStack(
        uint depth, int size, ushort parameterBytes, int privilege, out SegmentRegister outer, out uint esp)
    {
        outer = default;
        if (!stack.TryPeek(depth, size, out esp) || !stack.TryPeek(depth + (uint)size, size, out uint selector))
        {
            return false;
        }

        esp += parameterBytes;
        return segments.TryCheckStack((ushort)selector, privilege, ExceptionVector.GeneralProtection, out outer);
    }
}
