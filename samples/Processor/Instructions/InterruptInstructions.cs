using Iced.Intel;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Interrupts;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>INT n, INT3, INT1, INTO, BOUND, UD, IRET, HLT.</summary>
internal sealed class InterruptInstructions
{
    private readonly CpuState _state;
    private readonly Operands _operands;
    private readonly SegmentedMemory _memory;
    private readonly InterruptDelivery _delivery;
    private readonly Privilege _privilege;

    public InterruptInstructions(
        CpuState state,
        Operands operands,
        SegmentedMemory memory,
        InterruptDelivery delivery,
        FarReturn returns,
        Privilege privilege,
        InstructionTable table)
    {
        _state = state;
        _operands = operands;
        _memory = memory;
        _delivery = delivery;
        _privilege = privilege;
        table[Mnemonic.Int] = (in Instruction i) => _delivery.TryInterrupt(i.Immediate8);
        table[Mnemonic.Int3] = (in Instruction _) => _delivery.TryInterrupt((byte)ExceptionVector.Breakpoint);
        table[Mnemonic.Int1] = (in Instruction _) => _delivery.TryDeliver(new GuestException(ExceptionVector.Debug));
        table[Mnemonic.Into] = (in Instruction _) =>
            !_state.Has(Eflags.Overflow) || _delivery.TryInterrupt((byte)ExceptionVector.Overflow);
        table[Mnemonic.Bound] = CheckBounds;
        table[Mnemonic.Iret] = (in Instruction _) => returns.TryReturnFromInterrupt(size: 2);
        table[Mnemonic.Iretd] = (in Instruction _) => returns.TryReturnFromInterrupt(size: 4);
        table[Mnemonic.Hlt] = Halt;
    }

    private bool CheckBounds(in Instruction instruction)
    {
        int size = instruction.Op0Register.GetSize();
        uint address = _operands.EffectiveAddress(instruction);
        if (!_memory.TryRead(instruction.MemorySegment, address, size, out uint low)
            || !_memory.TryRead(instruction.MemorySegment, address + (uint)size, size, out uint high))
        {
            return false;
        }

        int index = OperandSize.SignExtend(_state.Read(instruction.Op0Register), size);
        bool within = index >= OperandSize.SignExtend(low, size) && index <= OperandSize.SignExtend(high, size);
        return within || _state.Raise(new GuestException(ExceptionVector.BoundRange));
    }

    private bool Halt(in Instruction instruction)
    {
        if (!_privilege.TryRequireKernel())
        {
            return false;
        }

        // No device of this machine interrupts.
        _state.Stop(ProcessorStopKind.Halt, $"the program halted at EIP {_state.Eip:X8}h, and nothing can wake it");
        return true;
    }
}
