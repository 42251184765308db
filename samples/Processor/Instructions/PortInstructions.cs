using Iced.Intel;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;
using X86Pae.Samples.Processor.Segments;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>IN and OUT.</summary>
internal sealed class PortInstructions
{
    private readonly CpuState _state;
    private readonly Operands _operands;
    private readonly TaskStateSegment _task;
    private readonly PortBus _ports;

    public PortInstructions(CpuState state, Operands operands, TaskStateSegment task, PortBus ports, InstructionTable table)
    {
        _state = state;
        _operands = operands;
        _task = task;
        _ports = ports;
        table[Mnemonic.In] = In;
        table[Mnemonic.Out] = Out;
    }

    private bool In(in Instruction instruction)
    {
        Register accumulator = instruction.Op0Register;
        if (!TryReadPort(instruction, 1, accumulator, out ushort port))
        {
            return false;
        }

        _state.Write(accumulator, _ports.Read(port, accumulator.GetSize()));
        return true;
    }

    private bool Out(in Instruction instruction)
    {
        Register accumulator = instruction.Op1Register;
        if (!TryReadPort(instruction, 0, accumulator, out ushort port))
        {
            return false;
        }

        _ports.Write(port, accumulator.GetSize(), _state.Read(accumulator));
        return true;
    }

    private bool TryReadPort(in Instruction instruction, int operand, Register accumulator, out ushort port)
    {
        bool done = _operands.TryRead(instruction, operand, out uint number); // DX or an immediate byte
        port = (ushort)number;
        return done && _task.TryAllowPorts(port, accumulator.GetSize());
    }
}
