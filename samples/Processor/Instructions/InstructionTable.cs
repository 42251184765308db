using Iced.Intel;
using X86Pae.Paging;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>Executes one instruction.</summary>
/// <param name="instruction">The decoded instruction.</param>
/// <returns>False if an exception is pending or the processor has stopped; then the instruction has changed nothing.</returns>
internal delegate bool Handler(in Instruction instruction);

/// <summary>The handler of each mnemonic. A mnemonic that no group of instructions has entered raises #UD.</summary>
internal sealed class InstructionTable
{
    private readonly Handler[] _handlers = new Handler[Enum.GetValues<Mnemonic>().Max(mnemonic => (int)mnemonic) + 1];

    private readonly CpuState _state;
    private readonly GuestMmu _mmu;

    /// <summary>Creates a table without any instruction.</summary>
    /// <param name="state">Receives #UD.</param>
    /// <param name="mmu">Holds CR0.EM and TS.</param>
    public InstructionTable(CpuState state, GuestMmu mmu)
    {
        _state = state;
        _mmu = mmu;
        Array.Fill(_handlers, Refuse);
    }

    public Handler this[Mnemonic mnemonic]
    {
        get => _handlers[(int)mnemonic];
        set => _handlers[(int)mnemonic] = value;
    }

    /// <summary>Raises #UD, or #NM for an x87 instruction if CR0 asks for it, so that a kernel can emulate the x87.</summary>
    private bool Refuse(in Instruction instruction)
    {
        const Cr0 Emulated = Cr0.Emulation | Cr0.TaskSwitched;
        bool isFloatingPoint = instruction.CpuidFeatures is [CpuidFeature.FPU, ..];
        return _state.Raise(isFloatingPoint && (_mmu.Cr0 & Emulated) != 0
            ? GuestException.DeviceNotAvailable
            : GuestException.UndefinedOpcode);
    }
}
