using Iced.Intel;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>ROL, ROR, RCL, RCR, SHL, SHR, SAR, SHLD, SHRD.</summary>
internal sealed class Shifts
{
    private const int CountMask = 0x1F;

    private readonly CpuState _state;
    private readonly Operands _operands;

    public Shifts(CpuState state, Operands operands, InstructionTable table)
    {
        _state = state;
        _operands = operands;
        table[Mnemonic.Rol] = (in Instruction i) => Shift(i, ShiftFunction.RotateLeft);
        table[Mnemonic.Ror] = (in Instruction i) => Shift(i, ShiftFunction.RotateRight);
        table[Mnemonic.Rcl] = (in Instruction i) => Shift(i, ShiftFunction.RotateLeftThroughCarry);
        table[Mnemonic.Rcr] = (in Instruction i) => Shift(i, ShiftFunction.RotateRightThroughCarry);
        table[Mnemonic.Shl] = (in Instruction i) => Shift(i, ShiftFunction.ShiftLeft);
        table[Mnemonic.Sal] = (in Instruction i) => Shift(i, ShiftFunction.ShiftLeft);
        table[Mnemonic.Shr] = (in Instruction i) => Shift(i, ShiftFunction.ShiftRight);
        table[Mnemonic.Sar] = (in Instruction i) => Shift(i, ShiftFunction.ShiftRightArithmetic);
        table[Mnemonic.Shld] = (in Instruction i) => ShiftDouble(i, isLeft: true);
        table[Mnemonic.Shrd] = (in Instruction i) => ShiftDouble(i, isLeft: false);
    }

    private bool Shift(in Instruction instruction, ShiftFunction function)
    {
        if (!_operands.TryRead(instruction, 1, out uint count))
        {
            return false;
        }

        var operation = new ShiftBy(function, (int)count & CountMask, Operands.SizeOf(instruction, 0), _state.Flags);
        if (!_operands.TryUpdate(instruction, 0, ref operation))
        {
            return false;
        }

        _state.Flags = operation.Flags;
        return true;
    }

    private bool ShiftDouble(in Instruction instruction, bool isLeft)
    {
        if (!_operands.TryRead(instruction, 1, out uint source) || !_operands.TryRead(instruction, 2, out uint count))
        {
            return false;
        }

        int size = Operands.SizeOf(instruction, 0);
        var operation = new DoubleShiftBy(source, (int)count & CountMask, size, isLeft, _state.Flags);
        if (!_operands.TryUpdate(instruction, 0, ref operation))
        {
            return false;
        }

        _state.Flags = operation.Flags;
        return true;
    }

    // A count of 0 changes no flag, but the destination is written, and may fault.
    private struct ShiftBy(ShiftFunction function, int count, int size, Eflags flags) : IOperation
    {
        public Eflags Flags = flags;

        public uint Apply(uint value) => count == 0 ? value : Shifter.Compute(function, value, count, size, ref Flags);
    }

    private struct DoubleShiftBy(uint source, int count, int size, bool isLeft, Eflags flags) : IOperation
    {
        public Eflags Flags = flags;

        public uint Apply(uint value) =>
            count == 0 ? value : Shifter.ShiftDouble(value, source, count, size, isLeft, ref Flags);
    }
}
