using Iced.Intel;
using X86Pae.GuestRunner.Accesses;
using X86Pae.GuestRunner.Running;
using X86Pae.GuestRunner.Segments;

namespace X86Pae.GuestRunner.Processor;

/// <summary>The registers of the processor, except those that belong to the paging unit and live in the MMU.</summary>
/// <param name="control">Ends the run where the guest asks for something that this processor does not have.</param>
internal sealed class CpuState(RunControl control)
{
    private const int GeneralRegisters = 8;
    private const int SegmentRegisters = 6;

    private readonly uint[] _general = new uint[GeneralRegisters];
    private readonly SegmentRegister[] _segments = new SegmentRegister[SegmentRegisters];
    private readonly uint[] _debug = [0, 0, 0, 0, 0, 0, 0xFFFF_0FF0, 0x400];

    /// <summary>EIP of the instruction that is being executed: where a fault returns to.</summary>
    public uint Eip { get; set; }

    /// <summary>EIP of the one that follows; a jump is a store to it.</summary>
    public uint NextEip { get; set; }

    public Eflags Flags { get; set; } = Eflags.Fixed;

    /// <summary>Current privilege level, 0 to 3. Every access to memory depends on it.</summary>
    public int Cpl { get; set; }

    public TableRegister Gdtr { get; set; }

    public TableRegister Idtr { get; set; }

    public SegmentRegister Ldtr { get; set; }

    /// <summary>The task register: where the TSS lies.</summary>
    public SegmentRegister Tr { get; set; }

    /// <summary>Steps made so far, which also is the time-stamp counter.</summary>
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

    /// <summary>How the paging unit sees what the program does now.</summary>
    public AccessSet Accesses => Cpl == 3 ? AccessSet.User : AccessSet.ForSupervisor(Flags);

    /// <summary>The exception that made the last operation fail.</summary>
    public GuestException Pending { get; private set; }

    /// <summary>Whether the machine has been switched off, by the guest or because this processor cannot go on.</summary>
    public bool HasEnded => control.End is not null;

    /// <summary>Gives up on an instruction because of an exception.</summary>
    /// <param name="exception">What to deliver.</param>
    /// <returns>False, for the caller to return.</returns>
    public bool Raise(GuestException exception)
    {
        Pending = exception;
        return false;
    }

    /// <summary>Gives up on the run: what the guest wants exists on x86, but not here.</summary>
    /// <param name="what">The thing that is missing.</param>
    /// <returns>False, for the caller to return.</returns>
    public bool RefuseUnsupported(string what)
    {
        control.Stop(new RunEnd(RunEndKind.Unsupported, $"at EIP {Eip:X8}h the program uses {what}, which this processor lacks"));
        return false;
    }

    /// <summary>One of the eight general registers, by its number in machine code: EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI.</summary>
    public ref uint General(int number) => ref _general[number];

    public ref SegmentRegister Segment(Register name) => ref _segments[name - Register.ES];

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

    public void Set(Eflags flag, bool value) => Flags = value ? Flags | flag : Flags & ~flag;

    private void Replace(int number, uint mask, uint value) => _general[number] = (_general[number] & ~mask) | (value & mask);
}
