namespace X86Pae.GuestRunner.Processor;

/// <summary>EFLAGS as POPF and IRET take them from the stack.</summary>
internal static class FlagImage
{
    private const Eflags AlwaysLoaded = Eflags.Status | Eflags.Trap | Eflags.Direction | Eflags.NestedTask
        | Eflags.AlignmentCheck | Eflags.Identification;

    /// <summary>The flags that may be taken from an image at the current privilege; the others keep their values.</summary>
    /// <param name="state">CPL and IOPL.</param>
    /// <param name="size">Bytes of the image: 2 leaves the upper half alone.</param>
    public static Eflags Loadable(CpuState state, int size)
    {
        Eflags loadable = AlwaysLoaded
            | (state.Cpl <= state.IoPrivilegeLevel ? Eflags.InterruptEnable : 0)
            | (state.Cpl == 0 ? Eflags.IoPrivilegeLevel | Eflags.VirtualInterrupt | Eflags.VirtualInterruptPending : 0);
        return size == 2 ? loadable & (Eflags)0xFFFF : loadable;
    }

    public static Eflags Merge(Eflags flags, Eflags image, Eflags loaded) => (flags & ~loaded) | (image & loaded);
}
