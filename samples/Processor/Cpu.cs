using Iced.Intel;
using X86Pae.Paging;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Fetching;
using X86Pae.Samples.Processor.Instructions;
using X86Pae.Samples.Processor.Interrupts;
using X86Pae.Samples.Processor.Registers;
using X86Pae.Samples.Processor.Segments;

namespace X86Pae.Samples.Processor;

/// <summary>A processor: fetches and executes instructions, and delivers the exceptions that they raise.</summary>
public sealed class Cpu
{
    private readonly GuestMmu _mmu;
    private readonly InstructionFetch _fetch;
    private readonly InstructionTable _table;
    private readonly InterruptDelivery _delivery;

    /// <summary>Creates a processor, with all registers 0.</summary>
    /// <param name="mmu">Its MMU, through which it reaches all memory. It should have been created with <see cref="Features"/>.</param>
    /// <param name="ports">Its I/O ports.</param>
    public Cpu(GuestMmu mmu, PortBus ports)
    {
        _mmu = mmu;
        State = new CpuState();
        var linear = new LinearMemory(mmu, State);
        var memory = new SegmentedMemory(mmu, State, linear);
        var operands = new Operands(State, memory);
        var stack = new Stack(State, memory, linear);
        var tables = new DescriptorTables(State, linear);
        var segments = new SegmentLoader(State, tables);
        var task = new TaskStateSegment(State, linear);
        var returns = new FarReturn(State, stack, segments);
        var privilege = new Privilege(State, mmu);

        _table = new InstructionTable(State, mmu);
        _fetch = new InstructionFetch(State, linear);
        _delivery = new InterruptDelivery(State, linear, stack, tables, segments, task);

        // Each group of instructions enters its handlers into the table.
        _ = new Arithmetic(State, operands, _table);
        _ = new Shifts(State, operands, _table);
        _ = new MultiplyDivide(State, operands, _table);
        _ = new DecimalAdjustments(State, _table);
        _ = new Bits(State, operands, memory, _table);
        _ = new Atomics(State, operands, memory, linear, _table);
        _ = new Strings(State, memory, task, ports, _table);
        _ = new StackInstructions(State, operands, memory, stack, segments, _table);
        var registerMoves = new ControlRegisterMoves(State, mmu, operands, memory, privilege, _table);
        _ = new DataTransfer(State, operands, memory, segments, registerMoves, _table);
        var far = new FarTransfers(State, operands, memory, stack, segments, returns, _table);
        _ = new Branches(State, operands, stack, far, _table);
        _ = new FlagControl(State, mmu, privilege, _table);
        _ = new InterruptInstructions(State, operands, memory, _delivery, returns, privilege, _table);
        _ = new SystemTables(State, operands, memory, tables, privilege, _table);
        _ = new SegmentChecks(State, operands, tables, _table);
        _ = new Identification(State, mmu, privilege, _table);
        _ = new PortInstructions(State, operands, task, ports, _table);
    }

    /// <summary>
    /// The features of this processor. The MMU derives reserved bits and the legal values of control registers from them, and
    /// CPUID reports them, so the two cannot disagree.
    /// </summary>
    public static CpuFeatures Features { get; } = CpuFeatures.Full40 with
    {
        OtherCr4 = Cr4.TimeStampDisable | Cr4.DebuggingExtensions | Cr4.UserModeInstructionPrevention,
    };

    /// <summary>The registers.</summary>
    public CpuState State { get; }

    /// <summary>Executes one instruction, one iteration of a repeated one, or delivers the exception it raises.</summary>
    public void Step()
    {
        State.Steps++;

        // TF takes effect by its value before the instruction. RF is cleared first, so that IRET can set it.
        bool traps = State.Has(Eflags.Trap);
        State.Flags &= ~Eflags.Resume;

        if (!_fetch.TryFetch() || !Execute(in _fetch.Current))
        {
            Deliver(State.Pending);
        }
        else if (traps)
        {
            const uint SingleStep = 1u << 14;
            State.Debug(6) |= SingleStep;
            Deliver(new GuestException(ExceptionVector.Debug));
        }

        State.Eip = State.NextEip;
    }

    private bool Execute(in Instruction instruction) => _table[instruction.Mnemonic](instruction);

    /// <summary>Enters the handler of an exception, or of the one that its delivery raises, or stops the processor.</summary>
    private void Deliver(GuestException exception)
    {
        while (State.Stopped is null)
        {
            NotePageFault(exception);
            if (_delivery.TryDeliver(exception))
            {
                return;
            }

            NotePageFault(State.Pending);
            if (exception.Then(State.Pending) is not { } next)
            {
                State.Stop(
                    ProcessorStopKind.TripleFault,
                    $"triple fault at EIP {State.Eip:X8}h: {exception.Vector}, then {State.Pending.Vector}");
                return;
            }

            exception = next;
        }
    }

    /// <summary>Writes CR2 for every page fault, also for one that becomes a double fault (Intel SDM vol. 3, 6.15).</summary>
    private void NotePageFault(GuestException exception)
    {
        if (exception.Vector == ExceptionVector.PageFault)
        {
            _mmu.Cr2 = exception.Cr2;
        }
    }
}
