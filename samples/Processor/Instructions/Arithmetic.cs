using Iced.Intel;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>ADD to XOR, CMP, TEST, INC, DEC, NEG, NOT.</summary>
internal sealed class Arithmetic
{
    private readonly CpuState _state;
    private readonly Operands _operands;

    public Arithmetic(CpuState state, Operands operands, InstructionTable table)
    {
        _state = state;
        _operands = operands;
        table[Mnemonic.Add] = (in Instruction i) => Update(i, AluFunction.Add);
        table[Mnemonic.Adc] = (in Instruction i) => Update(i, AluFunction.AddWithCarry);
        table[Mnemonic.Sub] = (in Instruction i) => Update(i, AluFunction.Subtract);
        table[Mnemonic.Sbb] = (in Instruction i) => Update(i, AluFunction.SubtractWithBorrow);
        table[Mnemonic.And] = (in Instruction i) => Update(i, AluFunction.And);
        table[Mnemonic.Or] = (in Instruction i) => Update(i, AluFunction.Or);
        table[Mnemonic.Xor] = (in Instruction i) => Update(i, AluFunction.Xor);
        table[Mnemonic.Cmp] = (in Instruction i) => Compare(i, AluFunction.Subtract);
        table[Mnemonic.Test] = (in Instruction i) => Compare(i, AluFunction.And);
        table[Mnemonic.Inc] = (in Instruction i) => Step(i, AluFunction.Add);
        table[Mnemonic.Dec] = (in Instruction i) => Step(i, AluFunction.Subtract);
        table[Mnemonic.Neg] = Negate;
        table[Mnemonic.Not] = Not;
    }

    private bool Update(in Instruction instruction, AluFunction function) =>
        _operands.TryRead(instruction, 1, out uint right) && Update(instruction, function, right, kept: Eflags.None);

    /// <summary>INC and DEC, which keep CF.</summary>
    private bool Step(in Instruction instruction, AluFunction function) => Update(instruction, function, right: 1, Eflags.Carry);

    private bool Update(in Instruction instruction, AluFunction function, uint right, Eflags kept)
    {
        int size = Operands.SizeOf(instruction, 0);
        var operation = new Combination(function, right & OperandSize.Mask(size), size, _state.Flags);
        if (!_operands.TryUpdate(instruction, 0, ref operation))
        {
            return false;
        }

        _state.Flags = (operation.Flags & ~kept) | (_state.Flags & kept);
        return true;
    }

    private bool Compare(in Instruction instruction, AluFunction function)
    {
        if (!_operands.TryRead(instruction, 0, out uint left) || !_operands.TryRead(instruction, 1, out uint right))
        {
            return false;
        }

        int size = Operands.SizeOf(instruction, 0);
        Eflags flags = _state.Flags;
        _ = Alu.Compute(function, left, right & OperandSize.Mask(size), size, ref flags);
        _state.Flags = flags;
        return true;
    }

    private bool Negate(in Instruction instruction)
    {
        var operation = new Negation(Operands.SizeOf(instruction, 0), _state.Flags);
        if (!_operands.TryUpdate(instruction, 0, ref operation))
        {
            return false;
        }

        _state.Flags = operation.Flags;
        return true;
    }

    private bool Not(in Instruction instruction)
    {
        var operation = default(Complement);
        return _operands.TryUpdate(instruction, 0, ref operation);
    }

    private struct Combination(AluFunction function, uint right, int size, Eflags flags) : IOperation
    {
        public Eflags Flags = flags;

        public uint Apply(uint value) => Alu.Compute(function, value, right, size, ref Flags);
    }

    private struct Negation(int size, Eflags flags) : IOperation
    {
        public Eflags Flags = flags;

        public uint Apply(uint value) => Alu.Subtract(0, value, 0, size, ref Flags);
    }

    private readonly struct Complement : IOperation
    {
        public uint Apply(uint value) => ~value;
    }
}
