// A guest that shows what happened to it. Every interrupt vector has a handler of its own that halts, so after a run EIP names
// the vector and the stack holds the frame.
//
//   00001000h  GDT: 08h code and 10h data for CPL 0, 18h and 20h for CPL 3, 28h the TSS
//   00002000h  IDT: 32-bit interrupt gates, DPL 0, but 80h, which is open to CPL 3
//   00003000h  the handlers, 16 bytes each
//   00005000h  TSS: SS0:ESP0 = 10h:00009000h
//   00010000h  the program, entered at its first byte with flat segments; ESP below it
//   00100000h  page tables: PDPT, four directories, then tables as they are needed

using Iced.Intel;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;
using X86Pae.Tlb;

namespace X86Pae.Samples.Processor.Tests;

/// <summary>Assembles a program, runs it on a processor with memory and a console, and shows the state afterwards.</summary>
internal sealed class BareGuest
{
    public const uint Code = 0x1_0000;
    public const uint GlobalTable = 0x1000;
    public const uint InterruptTable = 0x2000;
    public const uint TaskState = 0x5000;
    public const uint InnerStack = 0x9000;
    public const uint Stack = 0x1_0000;
    public const ulong Present = 1;
    public const ulong Writable = 2;
    public const ulong User = 4;

    private const uint Handlers = 0x3000;
    private const uint HandlerSize = 16;
    private const uint Directories = 0x10_0000;
    private const byte Hlt = 0xF4;
    private const ushort Console = 0xE9;

    private uint _nextTable = Directories + 0x5000;
    private readonly RamBus _ram;
    private readonly Cpu _cpu;

    public BareGuest(Action<Assembler> program, TlbConfiguration? tlbs = null)
        : this(Assemble(program), tlbs)
    {
    }

    public BareGuest(byte[] program, TlbConfiguration? tlbs = null)
    {
        var memory = new GuestMemory(16 << 20);
        _ram = new RamBus(memory);
        Mmu = new GuestMmu(new SystemBus(new PhysicalMap(memory).AddRam()), default, Cpu.Features, tlbs ?? TlbConfiguration.Functional);
        Assert.True(Mmu.WriteCr0((uint)Cr0.ProtectionEnable));
        var ports = new PortBus();
        ports.Add(Console, new ByteRecorder(Output));
        _cpu = new Cpu(Mmu, ports);
        ulong[] descriptors =
        [
            0, 0x00CF_9A00_0000_FFFF, 0x00CF_9200_0000_FFFF, 0x00CF_FA00_0000_FFFF, 0x00CF_F200_0000_FFFF,
            0x0000_8900_0000_0067 | (TaskState << 16),
        ];
        for (int i = 0; i < descriptors.Length; i++)
        {
            SetDescriptor(i * 8, descriptors[i]);
        }

        for (int vector = 0; vector < 256; vector++)
        {
            uint handler = Handlers + ((uint)vector * HandlerSize);
            SetGate(vector, 0x0000_8E00_0008_0000UL | (vector == 0x80 ? 0x6000_0000_0000UL : 0) | handler);
            _ram.Store(handler, Hlt);
        }

        Store(TaskState + 4, InnerStack);
        Store(TaskState + 8, 0x10);
        Store(TaskState + 0x64, 0x0068_0000); // the bitmap begins behind the limit: no port is allowed
        State.Gdtr = new TableRegister(GlobalTable, 0x2F);
        State.Idtr = new TableRegister(InterruptTable, 0x7FF);
        State.Tr = new SegmentRegister(0x28, new SegmentDescriptor(descriptors[5]));
        LoadSegments(cpl: 0, code: 0x08, data: 0x10);
        _ram.Write(Code, program);
        State.Eip = Code;
        State.Esp = Stack;
    }

    public CpuState State => _cpu.State;

    public GuestMmu Mmu { get; }

    public MemoryStream Output { get; } = new();

    /// <summary>Why the processor stopped; null if it used up its steps.</summary>
    public ProcessorStop? Stopped => State.Stopped;

    /// <summary>The vector whose handler was reached last; null if the program halted by itself.</summary>
    public int? Vector => State.Eip - 1 is >= Handlers and < Handlers + (256 * HandlerSize)
        ? (int)((State.Eip - 1 - Handlers) / HandlerSize)
        : null;

    /// <summary>EIP of the first HLT that was met.</summary>
    public uint HaltedAt => State.Eip - 1;

    public static byte[] Assemble(Action<Assembler> program, uint address = Code)
    {
        var assembler = new Assembler(32);
        program(assembler);
        using var code = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(code), address);
        return code.ToArray();
    }

    /// <summary>Runs until the program or a handler halts.</summary>
    public BareGuest Run(long maxSteps = 100_000)
    {
        while (State.Stopped is null && State.Steps < maxSteps)
        {
            _cpu.Step();
        }

        return this;
    }

    /// <summary>Executes one instruction.</summary>
    public void Step() => _cpu.Step();

    /// <summary>A dword of the current stack: 0 is what ESP points to.</summary>
    public uint Pushed(int index) => Load(State.Esp + (4 * (uint)index));

    public uint Load(uint physical) => _ram.Load<uint>(physical);

    public ulong LoadQuadword(uint physical) => _ram.Load<ulong>(physical);

    public void Store(uint physical, uint value) => _ram.Store(physical, value);

    public void Store(uint physical, params ReadOnlySpan<byte> bytes) => _ram.Write(physical, bytes);

    public void SetDescriptor(int selector, ulong value) => _ram.Store(GlobalTable + (uint)(selector & ~7), value);

    public void SetGate(int vector, ulong value) => _ram.Store(InterruptTable + (8 * (uint)vector), value);

    public ulong Gate(int vector) => LoadQuadword(InterruptTable + (8 * (uint)vector));

    /// <summary>Turns PAE paging on: the first 4 MiB where they are, for the kernel, and nothing else.</summary>
    public BareGuest EnablePaging(Cr4 features = Cr4.None, Cr0 others = Cr0.WriteProtect)
    {
        for (uint i = 0; i < 4; i++)
        {
            _ram.Store(Directories + (8 * i), (ulong)(Directories + 0x1000 + (0x1000 * i)) | Present);
        }

        const ulong Large = 0x80;
        _ram.Store(Directories + 0x1000, 0UL | Large | Writable | Present);
        _ram.Store(Directories + 0x1008, 0x20_0000UL | Large | Writable | Present);
        Assert.True(Mmu.WriteEfer((ulong)Efer.ExecuteDisableEnable));
        Assert.True(Mmu.WriteCr4((uint)(Cr4.PhysicalAddressExtension | features)));
        Assert.True(Mmu.WriteCr3(Directories));
        Assert.True(Mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging | others)));
        return this;
    }

    /// <summary>Maps one page above the first 4 MiB; the rights are those of the PTE.</summary>
    public BareGuest Map(uint linear, ulong pte)
    {
        uint directory = Directories + 0x1000 + (0x1000 * (linear >> 30)) + (8 * ((linear >> 21) & 0x1FF));
        ulong pde = _ram.Load<ulong>(directory);
        if (pde == 0)
        {
            pde = _nextTable | User | Writable | Present;
            _nextTable += 0x1000;
            _ram.Store(directory, pde);
        }

        _ram.Store((pde & ~0xFFFUL) + (8 * ((linear >> 12) & 0x1FF)), pte);
        return this;
    }

    /// <summary>Address of the entry that maps a page of <see cref="Map"/>.</summary>
    public uint PteAddress(uint linear)
    {
        uint directory = Directories + 0x1000 + (0x1000 * (linear >> 30)) + (8 * ((linear >> 21) & 0x1FF));
        return (uint)(_ram.Load<ulong>(directory) & ~0xFFFUL) + (8 * ((linear >> 12) & 0x1FF));
    }

    /// <summary>Puts the processor where IRET to CPL 3 would: flat user segments.</summary>
    public BareGuest EnterUserMode(uint eip, uint esp)
    {
        LoadSegments(cpl: 3, code: 0x1B, data: 0x23);
        State.Eip = eip;
        State.Esp = esp;
        return this;
    }

    private void LoadSegments(int cpl, ushort code, ushort data)
    {
        State.Cpl = cpl;
        State.Segment(Register.CS) = new SegmentRegister(code, Descriptor(code));
        foreach (Register segment in (ReadOnlySpan<Register>)[Register.DS, Register.ES, Register.FS, Register.GS, Register.SS])
        {
            State.Segment(segment) = new SegmentRegister(data, Descriptor(data));
        }
    }

    private SegmentDescriptor Descriptor(ushort selector) => new(LoadQuadword(GlobalTable + (selector & ~7u)));

    /// <summary>Keeps the low byte of each write.</summary>
    private sealed class ByteRecorder(MemoryStream bytes) : IPortDevice
    {
        public uint Read(int size) => 0;

        public void Write(int size, uint value) => bytes.WriteByte((byte)value);
    }
}
