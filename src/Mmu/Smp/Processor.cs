using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Smp;

/// <summary>One logical processor of a <see cref="Machine"/>: its MMU and its clock.</summary>
public sealed class Processor
{
    private bool _isInUserMode;

    internal Processor(int index, Machine machine, CpuFeatures features)
    {
        Index = index;
        Machine = machine;
        Clock = new ProcessorClock(machine.Model);
        Mmu = new Mmu<RamBus, CycleTiming>(new RamBus(machine.Memory), new CycleTiming(Clock), features, machine.Model.Tlbs);
    }

    /// <summary>Number of this processor, from 0.</summary>
    public int Index { get; }

    /// <summary>Its MMU, timed by <see cref="Clock"/>.</summary>
    public Mmu<RamBus, CycleTiming> Mmu { get; }

    /// <summary>Its clock, cycle accounts and event counts.</summary>
    public ProcessorClock Clock { get; }

    /// <summary>The machine it belongs to.</summary>
    internal Machine Machine { get; }

    /// <summary>EFLAGS.IF: whether it accepts interrupts.</summary>
    public bool InterruptsEnabled => Machine.AcceptsFrom[Index] != long.MaxValue;

    /// <summary>Whether it runs a program in user mode, so that an interrupt also switches to the kernel.</summary>
    public bool IsInUserMode
    {
        get => _isInUserMode;
        set
        {
            _isInUserMode = value;
            Machine.ModeChanged(this);
        }
    }

    /// <summary>CLI: no interrupt is accepted until <see cref="EnableInterrupts"/>.</summary>
    /// <param name="account">What the instruction is charged to.</param>
    public void DisableInterrupts(CycleAccount account)
    {
        Clock.Charge(account, Machine.Model.Cli);
        Machine.AcceptsFrom[Index] = long.MaxValue;
    }

    /// <summary>STI: what has arrived in the meantime is accepted from here on.</summary>
    /// <param name="account">What the instruction is charged to.</param>
    public void EnableInterrupts(CycleAccount account)
    {
        Clock.Charge(account, Machine.Model.Sti);
        Machine.AcceptsFrom[Index] = 0;
    }

    /// <summary>Lets the processor be found with interrupts off until a moment, at no cost of its own.</summary>
    /// <param name="moment">When they are on again, in cycles since the start; until then they are off from now on.</param>
    public void HoldInterruptsUntil(long moment) => Machine.AcceptsFrom[Index] = moment;
}
