using Iced.Intel;
using X86Pae.GuestRunner.Accesses;
using X86Pae.GuestRunner.Devices;
using X86Pae.GuestRunner.Instructions;
using X86Pae.GuestRunner.Interrupts;
using X86Pae.GuestRunner.Running;
using X86Pae.GuestRunner.Segments;

namespace X86Pae.GuestRunner.Processor;

/// <summary>The processor: fetches, executes, and delivers what goes wrong.</summary>
internal sealed class Cpu
{
    private readonly GuestMmu _mmu;
    private readonly RunControl _control;
    private readonly InstructionFetch _fetch;
    private readonly InstructionTable _table;
    private readonly InterruptDelivery _delivery;

    /// <summary>Puts a processor together.</summary>
    /// <param name="mmu">Its MMU, and through it all memory.</param>
    /// <param name="ports">Its ports.</param>
    /// <param name="control">Ends the run.</param>
    public Cpu(GuestMmu mmu, PortBus ports, RunControl control)
    {
        _mmu = mmu;
        _control = control;
        State = new CpuState(control);
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
        _ = new Instructions.Decimal(State, _table);
        _ = new Bits(State, operands, memory, _table);
        _ = new Atomics(State, operands, memory, linear, _table);
        _ = new Strings(State, memory, task, ports, _table);
        _ = new StackInstructions(State, operands, memory, stack, segments, _table);
        var registerMoves = new ControlRegisterMoves(State, mmu, operands, memory, privilege, _table);
        _ = new DataTransfer(State, operands, memory, segments, registerMoves, _table);
        var far = new FarTransfers(State, operands, memory, stack, segments, returns, _table);
        _ = new Branches(State, operands, stack, far, _table);
        _ = new FlagControl(State, mmu, _table);
        _ = new InterruptInstructions(State, operands, memory, _delivery, returns, control, _table);
        _ = new SystemTables(State, operands, memory, tables, privilege, _table);
        _ = new SegmentChecks(State, operands, tables, _table);
        _ = new Identification(State, mmu, privilege, _table);
        _ = new PortInstructions(State, operands, task, ports, _table);
    }

    /// <summary>The registers.</summary>
    public CpuState State { get; }

    /// <summary>Executes one instruction, one iteration of a repeated one, or delivers the exception it raises.</summary>
    public void Step()
    {
        State.Steps++;

        // TF counts as it was before the instruction; RF is gone after it, unless the instruction is the one that loads it.
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

    /// <summary>Goes to the handler, of this exception or of what becomes of it, or shuts the processor down.</summary>
    private void Deliver(GuestException exception)
    {
        while (!State.HasEnded)
        {
            NotePageFault(exception);
            if (_delivery.TryDeliver(exception))
            {
                return;
            }

            NotePageFault(State.Pending);
            if (exception.Then(State.Pending) is not { } next)
            {
                _control.Stop(new RunEnd(
                    RunEndKind.TripleFault, $"triple fault at EIP {State.Eip:X8}h: {exception.Vector}, then {State.Pending.Vector}"));
                return;
            }

            exception = next;
        }
    }

    /// <summary>CR2 belongs to every page fault that is found, also to one that ends as a double fault (Intel SDM vol. 3, 6.15).</summary>
    private void NotePageFault(GuestException exception)
    {
        if (exception.Vector == ExceptionVector.PageFault)
        {
            _mmu.Cr2 = exception.Cr2;
        }
    }
}
