using Iced.Intel;
using X86Pae.GuestRunner.Processor;
using X86Pae.Paging;

namespace X86Pae.GuestRunner.Instructions;

/// <summary>Which handler executes which mnemonic; everything that no group has claimed is #UD.</summary>
internal sealed class InstructionTable
{
    private readonly Handler[] _handlers = new Handler[Enum.GetValues<Mnemonic>().Max(mnemonic => (int)mnemonic) + 1];

    private readonly CpuState _state;
    private readonly GuestMmu _mmu;

    /// <summary>Starts with a processor that has no instruction at all.</summary>
    /// <param name="state">Receives #UD.</param>
    /// <param name="mmu">For CR0.EM and TS.</param>
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

    /// <summary>There is no x87 either, but a kernel can ask for #NM and emulate one.</summary>
    private bool Refuse(in Instruction instruction)
    {
        const Cr0 Emulated = Cr0.Emulation | Cr0.TaskSwitched;
        bool isFloatingPoint = instruction.CpuidFeatures is [CpuidFeature.FPU, ..];
        return _state.Raise(isFloatingPoint && (_mmu.Cr0 & Emulated) != 0
            ? GuestException.DeviceNotAvailable
            : GuestException.UndefinedOpcode);
    }
}
