// Delivery through the IDT. Intel SDM vol. 3, 6.12 and vol. 2, INT n.
//
//   The stack on entry, highest address first; SS and ESP are pushed only when privilege changes, the error code only by some
//   exceptions:
//
//     SS, ESP, EFLAGS, CS, EIP, error code
//
//   IDT, GDT and TSS are read on the processor's own behalf; the frame is written as an access of the privilege level to which
//   the stack belongs. Each of these accesses can fault. No register changes until the last of them has succeeded, so the
//   exception that arises meanwhile is delivered as if the delivery of the first had never begun.

using Iced.Intel;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;
using X86Pae.Samples.Processor.Segments;

namespace X86Pae.Samples.Processor.Interrupts;

/// <summary>Enters the handler of an exception or of INT n.</summary>
internal sealed class InterruptDelivery(
    CpuState state, LinearMemory memory, Stack stack, DescriptorTables tables, SegmentLoader segments, TaskStateSegment task)
{
    /// <summary>Delivers an exception.</summary>
    /// <param name="exception">The exception; CR2 has been written already.</param>
    /// <returns>False if another exception arose meanwhile; it is pending then.</returns>
    public bool TryDeliver(GuestException exception)
    {
        // RF in the saved image keeps a breakpoint from triggering again at the restarted instruction.
        Eflags saved = exception.IsFault ? state.Flags | Eflags.Resume : state.Flags;
        uint eip = exception.IsFault ? state.Eip : state.NextEip;
        return TryEnter((byte)exception.Vector, exception.ErrorCode, saved, eip, isSoftware: false);
    }

    /// <summary>INT n, INT3 or INTO: the gate's DPL must permit the current privilege, and the return is to the next instruction.</summary>
    /// <param name="vector">0 to 255.</param>
    public bool TryInterrupt(byte vector) => TryEnter(vector, errorCode: null, state.Flags, state.NextEip, isSoftware: true);

    private bool TryEnter(byte vector, uint? errorCode, Eflags savedFlags, uint savedEip, bool isSoftware)
    {
        bool isExternal = !isSoftware;
        if (!TryReadGate(vector, isSoftware, out InterruptGate gate)
            || !TryReadTarget(gate, isExternal, out SegmentDescriptor descriptor))
        {
            return false;
        }

        int privilege = descriptor.IsConforming ? state.Cpl : descriptor.Dpl;
        bool isInner = privilege < state.Cpl;
        SegmentRegister newStack = state.Segment(Register.SS);
        uint esp = state.Esp;
        if (isInner && !TryReadInnerStack(privilege, isExternal, out newStack, out esp))
        {
            return false;
        }

        if (!segments.TryFinishCode(gate.Selector, descriptor, privilege, out SegmentRegister code))
        {
            return false;
        }

        if (!code.Contains(gate.Offset, 1))
        {
            return state.Raise(GuestException.OnSelector(ExceptionVector.GeneralProtection, 0, isExternal));
        }

        // The largest frame, of which the ends are cut off if they are not pushed.
        ReadOnlySpan<uint> frame =
        [
            state.Segment(Register.SS).Selector,
            state.Esp,
            (uint)savedFlags,
            state.Segment(Register.CS).Selector,
            savedEip,
            errorCode ?? 0,
        ];
        frame = frame[(isInner ? 0 : 2)..(errorCode is null ? ^1 : ^0)];
        ushort namedStack = isInner ? newStack.Selector : (ushort)0;
        GuestException noRoom = GuestException.OnSelector(ExceptionVector.StackFault, namedStack, isExternal);
        AccessSet accesses = isInner ? AccessSet.ForSupervisor(state.Flags) : state.Accesses;
        if (!stack.TryWriteFrame(newStack, esp, frame, sizeof(uint), accesses, noRoom))
        {
            return false;
        }

        state.Segment(Register.SS) = newStack;
        state.Esp = esp - (uint)(frame.Length * sizeof(uint));
        state.Segment(Register.CS) = code;
        state.Cpl = privilege;
        state.NextEip = gate.Offset;
        state.Flags &= ~(Eflags.Trap | Eflags.NestedTask | Eflags.Resume | Eflags.Virtual8086
            | (gate.MasksInterrupts ? Eflags.InterruptEnable : 0));
        return true;
    }

    private bool TryReadGate(byte vector, bool isSoftware, out InterruptGate gate)
    {
        gate = default;
        uint offset = vector * InterruptGate.SizeInBytes;
        var refused = new GuestException(ExceptionVector.GeneralProtection, InTable(vector, isSoftware));
        if (offset + InterruptGate.SizeInBytes - 1 > state.Idtr.Limit)
        {
            return state.Raise(refused);
        }

        if (!memory.TryRead(state.Idtr.Base + offset, AccessSet.Implicit.Read, out ulong raw))
        {
            return false;
        }

        gate = new InterruptGate(raw);
        if (gate.IsUnsupported)
        {
            return state.RefuseUnsupported("a task gate or a 16-bit gate");
        }

        if (!gate.Is32Bit || (isSoftware && gate.Dpl < state.Cpl))
        {
            return state.Raise(refused);
        }

        return gate.IsPresent
            || state.Raise(new GuestException(ExceptionVector.SegmentNotPresent, InTable(vector, isSoftware)));
    }

    /// <summary>Error code of a violation by a gate; bit 1 (IDT) says that the index belongs to the IDT.</summary>
    private static uint InTable(byte vector, bool isSoftware) => (vector * 8u) | 2 | (isSoftware ? 0u : 1);

    private bool TryReadTarget(InterruptGate gate, bool isExternal, out SegmentDescriptor descriptor)
    {
        descriptor = default;
        GuestException refused = GuestException.OnSelector(ExceptionVector.GeneralProtection, gate.Selector, isExternal);
        if (DescriptorTables.IsNull(gate.Selector))
        {
            return state.Raise(refused);
        }

        if (!tables.TryRead(gate.Selector, refused, out descriptor))
        {
            return false;
        }

        if (!descriptor.IsCode || descriptor.Dpl > state.Cpl)
        {
            return state.Raise(refused);
        }

        return descriptor.IsPresent
            || state.Raise(GuestException.OnSelector(ExceptionVector.SegmentNotPresent, gate.Selector, isExternal));
    }

    private bool TryReadInnerStack(int privilege, bool isExternal, out SegmentRegister newStack, out uint esp)
    {
        newStack = default;
        return task.TryReadStack(privilege, isExternal, out ushort selector, out esp)
            && segments.TryCheckStack(selector, privilege, ExceptionVector.InvalidTss, out newStack, isExternal);
    }
}
