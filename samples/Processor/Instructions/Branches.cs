using Iced.Intel;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>Near JMP, CALL and RET, Jcc, SETcc, CMOVcc, LOOPcc, JCXZ.</summary>
internal sealed class Branches
{
    private readonly CpuState _state;
    private readonly Operands _operands;
    private readonly Stack _stack;

    public Branches(CpuState state, Operands operands, Stack stack, FarTransfers far, InstructionTable table)
    {
        _state = state;
        _operands = operands;
        _stack = stack;
        table[Mnemonic.Jmp] = (in Instruction i) => FarTransfers.IsFar(i) ? far.Jump(i) : Jump(i);
        table[Mnemonic.Call] = (in Instruction i) => FarTransfers.IsFar(i) ? far.Call(i) : Call(i);
        table[Mnemonic.Ret] = Return;
        table[Mnemonic.Jcxz] = (in Instruction i) => _state.Read(Register.CX) != 0 || TryBranch(i.NearBranch32);
        table[Mnemonic.Jecxz] = (in Instruction i) => _state.Ecx != 0 || TryBranch(i.NearBranch32);
        Add(table, Loop, Mnemonic.Loop, Mnemonic.Loope, Mnemonic.Loopne);
        Add(table, JumpIf,
            Mnemonic.Jo, Mnemonic.Jno, Mnemonic.Jb, Mnemonic.Jae, Mnemonic.Je, Mnemonic.Jne, Mnemonic.Jbe, Mnemonic.Ja,
            Mnemonic.Js, Mnemonic.Jns, Mnemonic.Jp, Mnemonic.Jnp, Mnemonic.Jl, Mnemonic.Jge, Mnemonic.Jle, Mnemonic.Jg);
        Add(table, SetIf,
            Mnemonic.Seto, Mnemonic.Setno, Mnemonic.Setb, Mnemonic.Setae, Mnemonic.Sete, Mnemonic.Setne, Mnemonic.Setbe,
            Mnemonic.Seta, Mnemonic.Sets, Mnemonic.Setns, Mnemonic.Setp, Mnemonic.Setnp, Mnemonic.Setl, Mnemonic.Setge,
            Mnemonic.Setle, Mnemonic.Setg);
        Add(table, MoveIf,
            Mnemonic.Cmovo, Mnemonic.Cmovno, Mnemonic.Cmovb, Mnemonic.Cmovae, Mnemonic.Cmove, Mnemonic.Cmovne, Mnemonic.Cmovbe,
            Mnemonic.Cmova, Mnemonic.Cmovs, Mnemonic.Cmovns, Mnemonic.Cmovp, Mnemonic.Cmovnp, Mnemonic.Cmovl, Mnemonic.Cmovge,
            Mnemonic.Cmovle, Mnemonic.Cmovg);
    }

    private static void Add(InstructionTable table, Handler handler, params ReadOnlySpan<Mnemonic> mnemonics)
    {
        foreach (Mnemonic mnemonic in mnemonics)
        {
            table[mnemonic] = handler;
        }
    }

    private bool Jump(in Instruction instruction) => TryReadTarget(instruction, out uint target) && TryBranch(target);

    private bool Call(in Instruction instruction)
    {
        uint back = _state.NextEip;
        if (!TryReadTarget(instruction, out uint target) || !TryBranch(target))
        {
            return false;
        }

        return _stack.TryPush(back, -instruction.StackPointerIncrement);
    }

    private bool Return(in Instruction instruction)
    {
        int size = instruction.Code is Code.Retnd or Code.Retnd_imm16 ? 4 : 2;
        if (!_stack.TryPeek(0, size, out uint target) || !TryBranch(target))
        {
            return false;
        }

        _state.Esp += (uint)instruction.StackPointerIncrement;
        return true;
    }

    private bool JumpIf(in Instruction instruction) =>
        !Holds(instruction.ConditionCode) || TryBranch(instruction.NearBranch32);

    private bool SetIf(in Instruction instruction) =>
        _operands.TryWrite(instruction, 0, Holds(instruction.ConditionCode) ? 1u : 0);

    /// <summary>CMOVcc, which reads the source, and may fault, even if the condition does not hold.</summary>
    private bool MoveIf(in Instruction instruction)
    {
        if (!_operands.TryRead(instruction, 1, out uint value))
        {
            return false;
        }

        if (Holds(instruction.ConditionCode))
        {
            _state.Write(instruction.Op0Register, value);
        }

        return true;
    }

    private bool Loop(in Instruction instruction)
    {
        // The address size decides whether CX or ECX is the counter.
        bool narrow = instruction.Code is Code.Loop_rel8_16_CX or Code.Loop_rel8_32_CX or Code.Loope_rel8_16_CX
            or Code.Loope_rel8_32_CX or Code.Loopne_rel8_16_CX or Code.Loopne_rel8_32_CX;
        Register counter = narrow ? Register.CX : Register.ECX;
        uint left = (_state.Read(counter) - 1) & OperandSize.Mask(counter.GetSize());
        bool taken = left != 0 && (instruction.Mnemonic == Mnemonic.Loop || Holds(instruction.ConditionCode));
        if (taken && !TryBranch(instruction.NearBranch32))
        {
            return false;
        }

        _state.Write(counter, left);
        return true;
    }

    /// <summary>Reads the target of a near JMP or CALL. With a 16-bit operand size it has 16 bits.</summary>
    private bool TryReadTarget(in Instruction instruction, out uint target)
    {
        if (instruction.Op0Kind is not (OpKind.NearBranch16 or OpKind.NearBranch32))
        {
            return _operands.TryRead(instruction, 0, out target);
        }

        target = (uint)instruction.NearBranchTarget;
        return true;
    }

    private bool TryBranch(uint target)
    {
        if (!_state.Segment(Register.CS).Contains(target, 1))
        {
            return _state.Raise(GuestException.GeneralProtection);
        }

        _state.NextEip = target;
        return true;
    }

    private bool Holds(ConditionCode condition)
    {
        bool less = _state.Has(Eflags.Sign) != _state.Has(Eflags.Overflow);
        return condition switch
        {
            ConditionCode.o => _state.Has(Eflags.Overflow),
            ConditionCode.no => !_state.Has(Eflags.Overflow),
            ConditionCode.b => _state.Has(Eflags.Carry),
            ConditionCode.ae => !_state.Has(Eflags.Carry),
            ConditionCode.e => _state.Has(Eflags.Zero),
            ConditionCode.ne => !_state.Has(Eflags.Zero),
            ConditionCode.be => _state.Has(Eflags.Carry | Eflags.Zero),
            ConditionCode.a => !_state.Has(Eflags.Carry | Eflags.Zero),
            ConditionCode.s => _state.Has(Eflags.Sign),
            ConditionCode.ns => !_state.Has(Eflags.Sign),
            ConditionCode.p => _state.Has(Eflags.Parity),
            ConditionCode.np => !_state.Has(Eflags.Parity),
            ConditionCode.l => less,
            ConditionCode.ge => !less,
            ConditionCode.le => less || _state.Has(Eflags.Zero),
            _ => !less && !_state.Has(Eflags.Zero),
        };
    }
}
