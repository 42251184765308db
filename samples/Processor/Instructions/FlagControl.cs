using Iced.Intel;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>CLC to STI, LAHF, SAHF, SALC, CLAC, STAC, NOP, PAUSE.</summary>
internal sealed class FlagControl
{
    private const Eflags LowByte = Eflags.Sign | Eflags.Zero | Eflags.Auxiliary | Eflags.Parity | Eflags.Carry;

    private readonly CpuState _state;
    private readonly GuestMmu _mmu;
    private readonly Privilege _privilege;

    public FlagControl(CpuState state, GuestMmu mmu, Privilege privilege, InstructionTable table)
    {
        _state = state;
        _mmu = mmu;
        _privilege = privilege;
        table[Mnemonic.Clc] = (in Instruction _) => Set(Eflags.Carry, false);
        table[Mnemonic.Stc] = (in Instruction _) => Set(Eflags.Carry, true);
        table[Mnemonic.Cmc] = (in Instruction _) => Set(Eflags.Carry, !_state.Has(Eflags.Carry));
        table[Mnemonic.Cld] = (in Instruction _) => Set(Eflags.Direction, false);
        table[Mnemonic.Std] = (in Instruction _) => Set(Eflags.Direction, true);
        table[Mnemonic.Cli] = (in Instruction _) => SetInterruptEnable(false);
        table[Mnemonic.Sti] = (in Instruction _) => SetInterruptEnable(true);
        table[Mnemonic.Clac] = (in Instruction _) => SetAlignmentCheck(false);
        table[Mnemonic.Stac] = (in Instruction _) => SetAlignmentCheck(true);
        table[Mnemonic.Lahf] = LoadFlags;
        table[Mnemonic.Sahf] = StoreFlags;
        table[Mnemonic.Salc] = SetFromCarry;
        table[Mnemonic.Nop] = table[Mnemonic.Reservednop] = table[Mnemonic.Pause] = (in Instruction _) => true;
    }

    private bool Set(Eflags flag, bool value)
    {
        _state.Set(flag, value);
        return true;
    }

    private bool SetInterruptEnable(bool value) =>
        _privilege.TryRequireInputOutput() && Set(Eflags.InterruptEnable, value);

    /// <summary>CLAC and STAC, which raise #UD without SMAP and above CPL 0.</summary>
    private bool SetAlignmentCheck(bool value) => _mmu.Features.Smap && _state.Cpl == 0
        ? Set(Eflags.AlignmentCheck, value)
        : _state.Raise(GuestException.UndefinedOpcode);

    private bool LoadFlags(in Instruction instruction)
    {
        _state.Write(Register.AH, (uint)((_state.Flags & LowByte) | Eflags.Fixed));
        return true;
    }

    private bool StoreFlags(in Instruction instruction)
    {
        _state.Flags = (_state.Flags & ~LowByte) | ((Eflags)_state.Read(Register.AH) & LowByte);
        return true;
    }

    private bool SetFromCarry(in Instruction instruction)
    {
        _state.Write(Register.AL, _state.Has(Eflags.Carry) ? 0xFFu : 0);
        return true;
    }
}
