using Iced.Intel;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Segments;

/// <summary>Checks segments before they are loaded (Intel SDM vol. 3, 5.6 to 5.8).</summary>
/// <param name="state">Holds the segment registers.</param>
/// <param name="tables">Reads GDT and LDT.</param>
internal sealed class SegmentLoader(CpuState state, DescriptorTables tables)
{
    /// <summary>MOV or POP to DS, ES, FS, GS or SS.</summary>
    public bool TryLoad(Register register, ushort selector)
    {
        if (register == Register.SS)
        {
            return TryCheckStack(selector, state.Cpl, ExceptionVector.GeneralProtection, out SegmentRegister stack)
                && Load(register, stack);
        }

        if (DescriptorTables.IsNull(selector))
        {
            return Load(register, default);
        }

        GuestException refused = GuestException.OnSelector(ExceptionVector.GeneralProtection, selector);
        if (!tables.TryRead(selector, refused, out SegmentDescriptor descriptor))
        {
            return false;
        }

        int privilege = Math.Max(state.Cpl, selector & 3);
        if (!descriptor.IsReadable || (!descriptor.IsConforming && descriptor.Dpl < privilege))
        {
            return state.Raise(refused);
        }

        if (!descriptor.IsPresent)
        {
            return state.Raise(GuestException.OnSelector(ExceptionVector.SegmentNotPresent, selector));
        }

        return tables.TrySetAccessed(selector, ref descriptor) && Load(register, new SegmentRegister(selector, descriptor));
    }

    /// <summary>Checks a stack segment for a privilege level.</summary>
    /// <param name="selector">The selector.</param>
    /// <param name="privilege">CPL at which the stack is used.</param>
    /// <param name="violation">#GP, or #TS if the selector comes from a TSS.</param>
    /// <param name="stack">The value to load into SS.</param>
    /// <param name="isExternal">Whether an exception is being delivered.</param>
    public bool TryCheckStack(
        ushort selector, int privilege, ExceptionVector violation, out SegmentRegister stack, bool isExternal = false)
    {
        stack = default;
        GuestException refused = GuestException.OnSelector(violation, selector, isExternal);
        if (DescriptorTables.IsNull(selector))
        {
            return state.Raise(refused);
        }

        if (!tables.TryRead(selector, refused, out SegmentDescriptor descriptor))
        {
            return false;
        }

        if (!descriptor.IsWritable || descriptor.Dpl != privilege || (selector & 3) != privilege)
        {
            return state.Raise(refused);
        }

        if (!descriptor.IsPresent)
        {
            return state.Raise(GuestException.OnSelector(ExceptionVector.StackFault, selector, isExternal));
        }

        if (!descriptor.Is32Bit)
        {
            return state.RefuseUnsupported("a 16-bit stack segment");
        }

        bool done = tables.TrySetAccessed(selector, ref descriptor);
        stack = new SegmentRegister(selector, descriptor);
        return done;
    }

    /// <summary>Checks the code segment to which a far jump, call or return goes. Gates stop the processor as unsupported.</summary>
    /// <param name="selector">The selector.</param>
    /// <param name="privilege">CPL afterwards: the current one, or, in a return, the RPL of the selector.</param>
    /// <param name="isReturn">Whether the selector comes from the stack, and so may be less privileged than CPL.</param>
    /// <param name="code">The value to load into CS.</param>
    public bool TryCheckCode(ushort selector, int privilege, bool isReturn, out SegmentRegister code)
    {
        code = default;
        GuestException refused = GuestException.OnSelector(ExceptionVector.GeneralProtection, selector);
        if (DescriptorTables.IsNull(selector))
        {
            return state.Raise(refused);
        }

        if (!tables.TryRead(selector, refused, out SegmentDescriptor descriptor))
        {
            return false;
        }

        if (descriptor.IsSystem && !isReturn && descriptor.Type is not 0 and not SegmentDescriptor.LocalTable)
        {
            return state.RefuseUnsupported("a far transfer through a gate or a task");
        }

        bool allowed = descriptor.IsCode && (descriptor.IsConforming
            ? descriptor.Dpl <= privilege
            : descriptor.Dpl == privilege && (isReturn || (selector & 3) <= privilege));
        if (!allowed)
        {
            return state.Raise(refused);
        }

        if (!descriptor.IsPresent)
        {
            return state.Raise(GuestException.OnSelector(ExceptionVector.SegmentNotPresent, selector));
        }

        return TryFinishCode(selector, descriptor, privilege, out code);
    }

    /// <summary>The last steps before CS is loaded, common to transfers and interrupts.</summary>
    /// <param name="selector">The selector.</param>
    /// <param name="descriptor">A present code segment.</param>
    /// <param name="privilege">CPL afterwards, which becomes the RPL in CS.</param>
    /// <param name="code">The value to load into CS.</param>
    public bool TryFinishCode(ushort selector, SegmentDescriptor descriptor, int privilege, out SegmentRegister code)
    {
        code = default;
        if (!descriptor.Is32Bit)
        {
            return state.RefuseUnsupported("a 16-bit code segment");
        }

        bool done = tables.TrySetAccessed(selector, ref descriptor);
        code = new SegmentRegister((ushort)((selector & 0xFFFC) | privilege), descriptor);
        return done;
    }

    /// <summary>After a return to a less privileged level: nulls the data segments that it may not use.</summary>
    public void DropPrivilegedSegments()
    {
        ReadOnlySpan<Register> registers = [Register.ES, Register.DS, Register.FS, Register.GS];
        foreach (Register register in registers)
        {
            SegmentDescriptor descriptor = state.Segment(register).Descriptor;
            if (!descriptor.IsConforming && descriptor.Dpl < state.Cpl)
            {
                state.Segment(register) = default;
            }
        }
    }

    private bool Load(Register register, SegmentRegister value)
    {
        state.Segment(register) = value;
        return true;
    }
}
