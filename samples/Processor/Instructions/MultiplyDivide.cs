using Iced.Intel;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>MUL, IMUL, DIV, IDIV. Division by zero and a quotient that does not fit are #DE.</summary>
internal sealed class MultiplyDivide
{
    private readonly CpuState _state;
    private readonly Operands _operands;

    public MultiplyDivide(CpuState state, Operands operands, InstructionTable table)
    {
        _state = state;
        _operands = operands;
        table[Mnemonic.Mul] = Multiply;
        table[Mnemonic.Imul] = MultiplySigned;
        table[Mnemonic.Div] = Divide;
        table[Mnemonic.Idiv] = DivideSigned;
    }

    private bool Multiply(in Instruction instruction)
    {
        if (!_operands.TryRead(instruction, 0, out uint factor))
        {
            return false;
        }

        int size = Operands.SizeOf(instruction, 0);
        ulong product = (ulong)(_state.Eax & OperandSize.Mask(size)) * factor;
        WriteWide(product, size);
        SetOverflow(product > OperandSize.Mask(size));
        return true;
    }

    private bool MultiplySigned(in Instruction instruction)
    {
        int size = Operands.SizeOf(instruction, 0);
        if (instruction.OpCount == 1)
        {
            if (!_operands.TryRead(instruction, 0, out uint factor))
            {
                return false;
            }

            long wide = (long)OperandSize.SignExtend(_state.Eax, size) * OperandSize.SignExtend(factor, size);
            WriteWide((ulong)wide, size);
            SetOverflow(wide != OperandSize.SignExtend((uint)wide, size));
            return true;
        }

        // Two operands: destination and factor. Three: destination, factor, immediate.
        int left = instruction.OpCount == 2 ? 0 : 1;
        if (!_operands.TryRead(instruction, left, out uint first) || !_operands.TryRead(instruction, left + 1, out uint second))
        {
            return false;
        }

        long product = (long)OperandSize.SignExtend(first, size) * OperandSize.SignExtend(second, size);
        _state.Write(instruction.Op0Register, (uint)product);
        SetOverflow(product != OperandSize.SignExtend((uint)product, size));
        return true;
    }

    private bool Divide(in Instruction instruction)
    {
        if (!_operands.TryRead(instruction, 0, out uint divisor))
        {
            return false;
        }

        int size = Operands.SizeOf(instruction, 0);
        ulong dividend = ReadWide(size);
        if (divisor == 0 || dividend / divisor > OperandSize.Mask(size))
        {
            return _state.Raise(GuestException.DivideError);
        }

        WriteQuotient((uint)(dividend / divisor), (uint)(dividend % divisor), size);
        return true;
    }

    private bool DivideSigned(in Instruction instruction)
    {
        if (!_operands.TryRead(instruction, 0, out uint operand))
        {
            return false;
        }

        int size = Operands.SizeOf(instruction, 0);
        int unused = 64 - (16 * size);
        long dividend = (long)(ReadWide(size) << unused) >> unused;
        long divisor = OperandSize.SignExtend(operand, size);

        // The division of the host overflows for long.MinValue / -1, whose quotient does not fit.
        if (divisor == 0 || (divisor == -1 && dividend == long.MinValue))
        {
            return _state.Raise(GuestException.DivideError);
        }

        long quotient = dividend / divisor;
        if (quotient != OperandSize.SignExtend((uint)quotient, size))
        {
            return _state.Raise(GuestException.DivideError);
        }

        WriteQuotient((uint)quotient, (uint)(dividend % divisor), size);
        return true;
    }

    /// <summary>AX, DX:AX or EDX:EAX.</summary>
    private ulong ReadWide(int size) => size switch
    {
        1 => _state.Read(Register.AX),
        2 => (_state.Read(Register.DX) << 16) | _state.Read(Register.AX),
        _ => ((ulong)_state.Edx << 32) | _state.Eax,
    };

    private void WriteWide(ulong value, int size)
    {
        if (size == 1)
        {
            _state.Write(Register.AX, (uint)value);
        }
        else
        {
            WriteQuotient((uint)value, (uint)(value >> (8 * size)), size);
        }
    }

    private void WriteQuotient(uint quotient, uint remainder, int size)
    {
        (Register low, Register high) = size switch
        {
            1 => (Register.AL, Register.AH),
            2 => (Register.AX, Register.DX),
            _ => (Register.EAX, Register.EDX),
        };
        _state.Write(low, quotient);
        _state.Write(high, remainder);
    }

    /// <summary>Sets CF and OF if the upper half is significant. SF, ZF, AF and PF are undefined and keep their values.</summary>
    private void SetOverflow(bool value) => _state.Set(Eflags.Carry | Eflags.Overflow, value);
}
