// The machine, as a boot loader leaves it:
//
//   00000000h            RAM, as much as there is
//   00000800h            the loader's GDT: null, 08h flat code, 10h flat data
//   00010000h            the program, entered at its first byte; ESP below it
//   F0000000h            the console in memory (over RAM, if that reaches so far)
//   ports E9h, F4h       the console, the power switch
//
//   CPL 0, protected mode, paging off, interrupts off, no IDT, no TSS

using Iced.Intel;
using X86Pae.GuestRunner.Devices;
using X86Pae.GuestRunner.Processor;
using X86Pae.GuestRunner.Segments;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.GuestRunner.Running;

/// <summary>Memory, devices, MMU and processor, put together.</summary>
internal sealed class GuestMachine
{
    /// <summary>Where programs are loaded and entered.</summary>
    public const uint LoadAddress = 0x1_0000;

    private const uint GlobalTableAddress = 0x800;
    private const ushort CodeSelector = 0x08;
    private const ushort DataSelector = 0x10;
    private const ulong FlatCode = 0x00CF_9B00_0000_FFFF;
    private const ulong FlatData = 0x00CF_9300_0000_FFFF;

    private readonly RunControl _control = new();
    private readonly Cpu _cpu;

    /// <summary>Builds the machine and loads a program.</summary>
    /// <param name="image">The program's bytes.</param>
    /// <param name="memoryInBytes">Size of RAM, a multiple of 4096 in which the program has room.</param>
    /// <param name="output">Receives what the program prints.</param>
    /// <param name="tlbs">Translation caches; null for those that are fastest for the host.</param>
    /// <exception cref="ArgumentException">The program does not fit.</exception>
    public GuestMachine(ReadOnlySpan<byte> image, ulong memoryInBytes, GuestOutput output, TlbConfiguration? tlbs = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)image.Length + LoadAddress, memoryInBytes, nameof(image));
        Memory = new GuestMemory(memoryInBytes);
        PhysicalMap map = new PhysicalMap(Memory)
            .AddRam()
            .AddMmio(MmioConsole.Address, MmioConsole.SizeInBytes, new MmioConsole(output));
        var bus = new SystemBus(map);
        Mmu = new GuestMmu(bus, default, Features, tlbs ?? TlbConfiguration.Functional);

        var ports = new PortBus();
        ports.Add(DebugConsole.Port, new DebugConsole(output));
        ports.Add(ExitPort.Port, new ExitPort(_control));

        _cpu = new Cpu(Mmu, ports, _control);
        output.Attach(_control);
        Load(bus, image);
    }

    /// <summary>
    /// What the processor has. The MMU derives reserved bits and the legal values of control registers from it, and CPUID
    /// reports it, so the two cannot disagree.
    /// </summary>
    public static CpuFeatures Features { get; } = CpuFeatures.Full40 with
    {
        OtherCr4 = Cr4.TimeStampDisable | Cr4.DebuggingExtensions | Cr4.UserModeInstructionPrevention,
    };

    /// <summary>The registers.</summary>
    public CpuState State => _cpu.State;

    /// <summary>The MMU, with the control registers.</summary>
    public GuestMmu Mmu { get; }

    /// <summary>RAM.</summary>
    public GuestMemory Memory { get; }

    /// <summary>Runs until something ends the run.</summary>
    /// <param name="maxSteps">Instructions, and iterations of repeated ones, that the program may use.</param>
    public RunEnd Run(long maxSteps)
    {
        RunEnd? end;
        while ((end = _control.End) is null)
        {
            if (State.Steps < maxSteps)
            {
                _cpu.Step();
            }
            else
            {
                _control.Stop(new RunEnd(RunEndKind.InstructionLimit, $"the program is not done after {maxSteps:N0} instructions"));
            }
        }

        return end.Value;
    }

    /// <summary>Executes one instruction.</summary>
    public void Step() => _cpu.Step();

    private void Load(SystemBus bus, ReadOnlySpan<byte> image)
    {
        bus.Store(GlobalTableAddress + CodeSelector, FlatCode);
        bus.Store(GlobalTableAddress + DataSelector, FlatData);
        State.Gdtr = new TableRegister(GlobalTableAddress, DataSelector + 7);
        State.Segment(Register.CS) = new SegmentRegister(CodeSelector, new SegmentDescriptor(FlatCode));
        ReadOnlySpan<Register> dataSegments = [Register.DS, Register.ES, Register.FS, Register.GS, Register.SS];
        foreach (Register segment in dataSegments)
        {
            State.Segment(segment) = new SegmentRegister(DataSelector, new SegmentDescriptor(FlatData));
        }

        // Paging is off, so linear addresses are physical ones, and nothing can fault.
        _ = Mmu.WriteCr0((uint)Cr0.ProtectionEnable);
        _ = Mmu.Write(LoadAddress, Access.SupervisorWrite, image);
        State.Esp = LoadAddress;
        State.Eip = LoadAddress;
    }
}
