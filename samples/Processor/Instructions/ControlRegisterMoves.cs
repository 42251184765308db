using Iced.Intel;
using X86Pae.Paging;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>
/// MOV CRn and DRn, LMSW, SMSW, CLTS, INVLPG, INVPCID. The MMU holds the control registers, refuses illegal values, and flushes
/// its caches when a write requires it; the processor checks CPL before, and raises #GP(0) after a refusal.
/// </summary>
internal sealed class ControlRegisterMoves
{
    private readonly CpuState _state;
    private readonly GuestMmu _mmu;
    private readonly Operands _operands;
    private readonly SegmentedMemory _memory;
    private readonly Privilege _privilege;

    public ControlRegisterMoves(
        CpuState state, GuestMmu mmu, Operands operands, SegmentedMemory memory, Privilege privilege, InstructionTable table)
    {
        _state = state;
        _mmu = mmu;
        _operands = operands;
        _memory = memory;
        _privilege = privilege;
        table[Mnemonic.Clts] = ClearTaskSwitched;
        table[Mnemonic.Lmsw] = LoadMachineStatusWord;
        table[Mnemonic.Smsw] = StoreMachineStatusWord;
        table[Mnemonic.Invlpg] = InvalidatePage;
        table[Mnemonic.Invpcid] = InvalidateContext;
    }

    /// <summary>MOV to or from a control or debug register.</summary>
    public bool Move(in Instruction instruction)
    {
        if (!_privilege.TryRequireKernel())
        {
            return false;
        }

        Register to = instruction.Op0Register;
        Register from = instruction.Op1Register;
        switch (instruction.Code)
        {
            case Code.Mov_cr_r32:
                return TryWriteControl(to, _state.Read(from));
            case Code.Mov_r32_cr:
                return TryReadControl(from, out uint value) && Put(to, value);
            case Code.Mov_dr_r32:
                return TryLocateDebug(to, out int number) && WriteDebug(number, _state.Read(from));
            default:
                return TryLocateDebug(from, out number) && Put(to, _state.Debug(number));
        }
    }

    private bool TryWriteControl(Register register, uint value)
    {
        switch (register)
        {
            case Register.CR0 when (value & (uint)(Cr0.ProtectionEnable | Cr0.Paging)) == 0:
                return _state.RefuseUnsupported("real mode");
            case Register.CR0:
                return Accept(_mmu.WriteCr0(value));
            case Register.CR2:
                _mmu.Cr2 = value;
                return true;
            case Register.CR3:
                return Accept(_mmu.WriteCr3(value));
            case Register.CR4:
                return Accept(_mmu.WriteCr4(value));
            default:
                return _state.Raise(GuestException.UndefinedOpcode);
        }
    }

    private bool TryReadControl(Register register, out uint value)
    {
        (value, bool exists) = register switch
        {
            Register.CR0 => ((uint)_mmu.Cr0, true),
            Register.CR2 => (_mmu.Cr2, true),
            Register.CR3 => (_mmu.Cr3, true),
            Register.CR4 => ((uint)_mmu.Cr4, true),
            _ => (0u, false),
        };
        return exists || _state.Raise(GuestException.UndefinedOpcode);
    }

    private bool Accept(bool legal) => legal || _state.Raise(GuestException.GeneralProtection);

    /// <summary>Finds the number of a debug register. DR4 and DR5 are DR6 and DR7, or #UD while CR4.DE is set.</summary>
    private bool TryLocateDebug(Register register, out int number)
    {
        number = register - Register.DR0;
        bool isAlias = number is 4 or 5;
        if (isAlias && (_mmu.Cr4 & Cr4.DebuggingExtensions) != 0)
        {
            return _state.Raise(GuestException.UndefinedOpcode);
        }

        number += isAlias ? 2 : 0;
        return true;
    }

    private bool WriteDebug(int number, uint value)
    {
        const uint Dr6Fixed = 0xFFFF_0FF0;
        const uint Dr7Fixed = 0x400;
        _state.Debug(number) = number switch { 6 => value | Dr6Fixed, 7 => value | Dr7Fixed, _ => value };
        return true;
    }

    private bool Put(Register register, uint value)
    {
        _state.Write(register, value);
        return true;
    }

    private bool ClearTaskSwitched(in Instruction instruction)
    {
        if (!_privilege.TryRequireKernel())
        {
            return false;
        }

        _mmu.ClearTaskSwitched();
        return true;
    }

    private bool LoadMachineStatusWord(in Instruction instruction)
    {
        if (!_privilege.TryRequireKernel() || !_operands.TryRead(instruction, 0, out uint value))
        {
            return false;
        }

        _mmu.LoadMachineStatusWord((ushort)value);
        return true;
    }

    private bool StoreMachineStatusWord(in Instruction instruction) =>
        _privilege.TryAllowStore() && _operands.TryWrite(instruction, 0, (uint)_mmu.Cr0);

    /// <summary>INVLPG. Its operand is an address and not an access, so no limit is checked and nothing is translated.</summary>
    private bool InvalidatePage(in Instruction instruction)
    {
        if (!_privilege.TryRequireKernel())
        {
            return false;
        }

        _mmu.Invlpg(_state.Segment(instruction.MemorySegment).Base + _operands.EffectiveAddress(instruction));
        return true;
    }

    private bool InvalidateContext(in Instruction instruction)
    {
        if (!_mmu.Features.Invpcid)
        {
            return _state.Raise(GuestException.UndefinedOpcode);
        }

        if (!_privilege.TryRequireKernel()
            || !_memory.TryReadDescriptor(instruction.MemorySegment, _operands.EffectiveAddress(instruction), out UInt128 descriptor))
        {
            return false;
        }

        uint type = _state.Read(instruction.Op0Register);
        return Accept(_mmu.Invpcid(type, (ulong)descriptor, (ulong)(descriptor >> 64)) == InstructionFault.None);
    }
}
