using Iced.Intel;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>DAA, DAS, AAA, AAS, AAM, AAD, by their pseudocode in Intel SDM vol. 2.</summary>
internal sealed class DecimalAdjustments
{
    private readonly CpuState _state;

    public DecimalAdjustments(CpuState state, InstructionTable table)
    {
        _state = state;
        table[Mnemonic.Daa] = (in Instruction _) => AdjustPacked(sign: 1);
        table[Mnemonic.Das] = (in Instruction _) => AdjustPacked(sign: -1);
        table[Mnemonic.Aaa] = (in Instruction _) => AdjustUnpacked(sign: 1);
        table[Mnemonic.Aas] = (in Instruction _) => AdjustUnpacked(sign: -1);
        table[Mnemonic.Aam] = SplitDigits;
        table[Mnemonic.Aad] = JoinDigits;
    }

    private bool AdjustPacked(int sign)
    {
        int al = (byte)_state.Eax;
        bool low = (al & 0xF) > 9 || _state.Has(Eflags.Auxiliary);
        bool high = al > 0x99 || _state.Has(Eflags.Carry);

        // DAS sets CF for a borrow of its first step even if its second step does not follow.
        bool carry = high || (low && sign < 0 && al < 6);
        int adjusted = al + (sign * ((low ? 6 : 0) + (high ? 0x60 : 0)));
        _state.Write(Register.AL, (uint)adjusted);
        Eflags flags = _state.Flags & Eflags.Overflow;
        flags |= StatusFlags.If(low, Eflags.Auxiliary) | StatusFlags.If(carry, Eflags.Carry) | StatusFlags.Of((byte)adjusted, 1);
        _state.Flags = (_state.Flags & ~Eflags.Status) | flags;
        return true;
    }

    private bool AdjustUnpacked(int sign)
    {
        bool adjust = (_state.Eax & 0xF) > 9 || _state.Has(Eflags.Auxiliary);
        if (adjust)
        {
            _state.Write(Register.AX, (uint)(_state.Eax + (sign * 0x106)));
        }

        _state.Write(Register.AL, _state.Eax & 0xF);
        _state.Set(Eflags.Auxiliary | Eflags.Carry, adjust);
        return true;
    }

    private bool SplitDigits(in Instruction instruction)
    {
        uint radix = instruction.Immediate8;
        if (radix == 0)
        {
            return _state.Raise(GuestException.DivideError);
        }

        uint al = _state.Read(Register.AL);
        _state.Write(Register.AH, al / radix);
        return WriteDigit(al % radix);
    }

    private bool JoinDigits(in Instruction instruction)
    {
        uint value = _state.Read(Register.AL) + (_state.Read(Register.AH) * instruction.Immediate8);
        _state.Write(Register.AH, 0);
        return WriteDigit((byte)value);
    }

    private bool WriteDigit(uint al)
    {
        const Eflags FromResult = Eflags.Zero | Eflags.Sign | Eflags.Parity;
        _state.Write(Register.AL, al);
        _state.Flags = (_state.Flags & ~FromResult) | StatusFlags.Of(al, 1);
        return true;
    }
}
