using Iced.Intel;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>CPUID, RDTSC, RDMSR, WRMSR, WBINVD, INVD.</summary>
internal sealed class Identification
{
    private const uint TimeStampCounterMsr = 0x10;

    private readonly CpuState _state;
    private readonly GuestMmu _mmu;
    private readonly Privilege _privilege;

    public Identification(CpuState state, GuestMmu mmu, Privilege privilege, InstructionTable table)
    {
        _state = state;
        _mmu = mmu;
        _privilege = privilege;
        table[Mnemonic.Cpuid] = Identify;
        table[Mnemonic.Rdtsc] = (in Instruction _) => _privilege.TryAllowTimeStamp() && Return((ulong)_state.Steps);
        table[Mnemonic.Rdmsr] = ReadMsr;
        table[Mnemonic.Wrmsr] = WriteMsr;
        table[Mnemonic.Wbinvd] = table[Mnemonic.Invd] = (in Instruction _) => _privilege.TryRequireKernel();
    }

    private bool Identify(in Instruction instruction)
    {
        CpuidLeaf leaf = CpuidLeaf.Of(_mmu.Features, _state.Eax, _state.Ecx);
        (_state.Eax, _state.Ebx, _state.Ecx, _state.Edx) = (leaf.Eax, leaf.Ebx, leaf.Ecx, leaf.Edx);
        return true;
    }

    private bool ReadMsr(in Instruction instruction)
    {
        if (!_privilege.TryRequireKernel())
        {
            return false;
        }

        // The MMU has all MSRs but the time-stamp counter.
        bool exists = _mmu.TryReadMsr(_state.Ecx, out ulong value);
        if (!exists && _state.Ecx == TimeStampCounterMsr)
        {
            (exists, value) = (true, (ulong)_state.Steps);
        }

        return exists ? Return(value) : _state.Raise(GuestException.GeneralProtection);
    }

    private bool WriteMsr(in Instruction instruction)
    {
        if (!_privilege.TryRequireKernel())
        {
            return false;
        }

        ulong value = ((ulong)_state.Edx << 32) | _state.Eax;
        return _mmu.TryWriteMsr(_state.Ecx, value) || _state.Raise(GuestException.GeneralProtection);
    }

    private bool Return(ulong value)
    {
        (_state.Eax, _state.Edx) = ((uint)value, (uint)(value >> 32));
        return true;
    }
}
