// The machine, as a boot loader leaves it:
//
//   00000000h            RAM, as much as there is
//   00000800h            the loader's GDT: null, 08h flat code, 10h flat data
//   00010000h            the program, entered at its first byte; ESP below it
//   F0000000h            the console in memory; it hides RAM that reaches so far
//   ports E9h, F4h       the console, and the port that switches the machine off
//
//   CPL 0, protected mode, paging off, interrupts off, no IDT, no TSS

using Iced.Intel;
using X86Pae.GuestRunner.Devices;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Samples.Processor;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;
using X86Pae.Tlb;

namespace X86Pae.GuestRunner.Machine;

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

    private readonly Cpu _cpu;
    private RunEnd? _end;

    /// <summary>Builds the machine and loads a program.</summary>
    /// <param name="image">The program's bytes.</param>
    /// <param name="memoryInBytes">Size of RAM, a multiple of 4096 in which the program has room.</param>
    /// <param name="output">Receives the bytes that the program prints.</param>
    /// <param name="tlbs">Translation caches; null for those that are fastest for the host.</param>
    /// <exception cref="ArgumentException">The program does not fit.</exception>
    public GuestMachine(ReadOnlySpan<byte> image, ulong memoryInBytes, IByteSink output, TlbConfiguration? tlbs = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)image.Length + LoadAddress, memoryInBytes, nameof(image));
        Memory = new GuestMemory(memoryInBytes);
        PhysicalMap map = new PhysicalMap(Memory)
            .AddRam()
            .AddMmio(MmioConsole.Address, MmioConsole.SizeInBytes, new MmioConsole(output));
        var bus = new SystemBus(map);
        Mmu = new GuestMmu(bus, default, Cpu.Features, tlbs ?? TlbConfiguration.Functional);

        var ports = new PortBus();
        ports.Add(DebugConsole.Port, new DebugConsole(output));
        ports.Add(ExitPort.Port, new ExitPort(value => Stop(new RunEnd(RunEndKind.Exit, $"the program ended with {value:X}h"))));

        _cpu = new Cpu(Mmu, ports);
        Load(bus, image);
    }

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
        while (_end is null)
        {
            if (State.Stopped is { } stop)
            {
                Stop(new RunEnd(RunEndKind.ProcessorStop, stop.Message));
            }
            else if (State.Steps >= maxSteps)
            {
                Stop(new RunEnd(RunEndKind.InstructionLimit, $"the program is not done after {maxSteps:N0} instructions"));
            }
            else
            {
                _cpu.Step();
            }
        }

        return _end.Value;
    }

    /// <summary>Ends the run after the current instruction. The first cause is kept.</summary>
    /// <param name="end">The cause.</param>
    public void Stop(RunEnd end) => _end ??= end;

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
