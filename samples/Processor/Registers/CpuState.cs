using Iced.Intel;

namespace X86Pae.Samples.Processor.Registers;

/// <summary>
/// The registers of a processor, and what has become of its last operation. CR0 to CR4 and the MSRs of the paging unit are not
/// here: the MMU holds them.
/// </summary>
public sealed class CpuState
{
    private const Eflags AlwaysLoadable = Eflags.Status | Eflags.Trap | Eflags.Direction | Eflags.NestedTask
        | Eflags.AlignmentCheck | Eflags.Identification;

    private const int GeneralRegisters = 8;
    private const int SegmentRegisters = 6;

    private readonly uint[] _general = new uint[GeneralRegisters];
    private readonly SegmentRegister[] _segments = new SegmentRegister[SegmentRegisters];
    private readonly uint[] _debug = [0, 0, 0, 0, 0, 0, 0xFFFF_0FF0, 0x400];

    /// <summary>EIP of the instruction that is being executed, to which a fault returns.</summary>
    public uint Eip { get; set; }

    /// <summary>EIP of the next instruction; a jump stores to it.</summary>
    public uint NextEip { get; set; }

    public Eflags Flags { get; set; } = Eflags.Fixed;

    /// <summary>Current privilege level, 0 to 3. Every access to memory depends on it.</summary>
    public int Cpl { get; set; }

    public TableRegister Gdtr { get; set; }

    public TableRegister Idtr { get; set; }

    public SegmentRegister Ldtr { get; set; }

    /// <summary>The task register, which holds the place of the TSS.</summary>
    public SegmentRegister Tr { get; set; }

    /// <summary>Number of steps so far: instructions and iterations of repeated ones. It also is the time-stamp counter.</summary>
    public long Steps { get; set; }

    public ref uint Eax => ref _general[0];

    public ref uint Ecx => ref _general[1];

    public ref uint Edx => ref _general[2];

    public ref uint Ebx => ref _general[3];

    public ref uint Esp => ref _general[4];

    public ref uint Ebp => ref _general[5];

    public ref uint Esi => ref _general[6];

    public ref uint Edi => ref _general[7];

    /// <summary>IOPL: the highest CPL that may use ports and the interrupt flag.</summary>
    public int IoPrivilegeLevel => (int)(Flags & Eflags.IoPrivilegeLevel) >> 12;

    /// <summary>The accesses that the program makes at its current privilege.</summary>
    internal AccessSet Accesses => Cpl == 3 ? AccessSet.User : AccessSet.ForSupervisor(Flags);

    /// <summary>The exception that made the last operation fail.</summary>
    internal GuestException Pending { get; private set; }

    /// <summary>Why the processor has stopped; null while it runs.</summary>
    public ProcessorStop? Stopped { get; private set; }

    /// <summary>Ends an instruction with an exception.</summary>
    /// <param name="exception">The exception to deliver.</param>
    /// <returns>False, for the caller to return.</returns>
    internal bool Raise(GuestException exception)
    {
        Pending = exception;
        return false;
    }

    /// <summary>Stops the processor. The first cause is kept.</summary>
    /// <param name="kind">The cause.</param>
    /// <param name="message">One sentence for the user.</param>
    internal void Stop(ProcessorStopKind kind, string message) => Stopped ??= new ProcessorStop(kind, message);

    /// <summary>Stops the processor because the program uses a part of the architecture that it lacks.</summary>
    /// <param name="what">The part, as a noun phrase.</param>
    /// <returns>False, for the caller to return.</returns>
    internal bool RefuseUnsupported(string what)
    {
        Stop(ProcessorStopKind.Unsupported, $"at EIP {Eip:X8}h the program uses {what}, which this processor lacks");
        return false;
    }

    /// <summary>A general register by its number in machine code: EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI.</summary>
    /// <param name="number">0 to 7.</param>
    public ref uint General(int number) => ref _general[number];

    /// <summary>A segment register.</summary>
    /// <param name="name">ES to GS.</param>
    public ref SegmentRegister Segment(Register name) => ref _segments[name - Register.ES];

    /// <summary>A debug register. No breakpoint ever triggers.</summary>
    /// <param name="number">0 to 7; 4 and 5 are never used.</param>
    public ref uint Debug(int number) => ref _debug[number];

    /// <summary>Reads a general register, or a part of it, extended with zeros.</summary>
    public uint Read(Register register) => register switch
    {
        >= Register.EAX and <= Register.EDI => _general[register - Register.EAX],
        >= Register.AL and <= Register.BL => (byte)_general[register - Register.AL],
        >= Register.AH and <= Register.BH => (byte)(_general[register - Register.AH] >> 8),
        _ => (ushort)_general[register - Register.AX],
    };

    /// <summary>Writes a general register, or a part of it; the rest keeps its value.</summary>
    public void Write(Register register, uint value)
    {
        switch (register)
        {
            case >= Register.EAX and <= Register.EDI:
                _general[register - Register.EAX] = value;
                break;
            case >= Register.AL and <= Register.BL:
                Replace(register - Register.AL, 0xFF, value);
                break;
            case >= Register.AH and <= Register.BH:
                Replace(register - Register.AH, 0xFF00, value << 8);
                break;
            default:
                Replace(register - Register.AX, 0xFFFF, value);
                break;
        }
    }

    /// <summary>Whether any of some flags is set.</summary>
    public bool Has(Eflags flags) => (Flags & flags) != 0;

    /// <summary>Sets or clears a flag.</summary>
    public void Set(Eflags flag, bool value) => Flags = value ? Flags | flag : Flags & ~flag;

    /// <summary>The flags that POPF and IRET may load at the current privilege; the others keep their values.</summary>
    /// <param name="size">Bytes of the image on the stack: an image of 2 leaves the upper half alone.</param>
    internal Eflags LoadableFlags(int size)
    {
        Eflags loadable = AlwaysLoadable
            | (Cpl <= IoPrivilegeLevel ? Eflags.InterruptEnable : 0)
            | (Cpl == 0 ? Eflags.IoPrivilegeLevel | Eflags.VirtualInterrupt | Eflags.VirtualInterruptPending : 0);
        return size == 2 ? loadable & (Eflags)0xFFFF : loadable;
    }

    /// <summary>Loads some flags from an image of EFLAGS.</summary>
    /// <param name="image">The image.</param>
    /// <param name="loaded">The flags to load.</param>
    internal void LoadFlags(Eflags image, Eflags loaded) => Flags = (Flags & ~loaded) | (image & loaded);

    private void Replace(int number, uint mask, uint value) => _general[number] = (_general[number] & ~mask) | (value & mask);
}

/// <summary>GDTR or IDTR.</summary>
/// <param name="Base">Linear address of the table.</param>
/// <param name="Limit">Offset of its last byte.</param>
public readonly record struct TableRegister(uint Base, ushort Limit);
