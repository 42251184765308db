using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Smp;

/// <summary>One logical processor of a <see cref="Machine"/>: its MMU and its clock.</summary>
public sealed class Processor
{
    private bool _isInUserMode;

    internal Processor(int index, Machine machine, CpuFeatures features)
        : this(index, machine, features, new ProcessorClock(machine.Model, machine.ClockStates, index), machine.Tlbs, sibling: null)
    {
    }

    private Processor(
        int index, Machine machine, CpuFeatures features, ProcessorClock clock, TlbConfiguration tlbs, Processor? sibling)
    {
        Index = index;
        Machine = machine;
        Clock = clock;
        Mmu = new Mmu<RamBus, CycleTiming>(
            new RamBus(machine.Memory), new CycleTiming(clock), features, tlbs, options: null, sibling?.Mmu);
        Sibling = sibling;
    }

    /// <summary>Creates both logical processors of a core.</summary>
    internal static (Processor First, Processor Second) CreateCore(int index, Machine machine, CpuFeatures features)
    {
        TlbConfiguration tlbs = machine.Tlbs.ForSiblings();
        var clock = new ProcessorClock(machine.Model, machine.ClockStates, index);
        var first = new Processor(index, machine, features, clock, tlbs, sibling: null);
        var second = new Processor(
            index + 1, machine, features, new ProcessorClock(clock, machine.ClockStates, index + 1), tlbs, first);
        first.Sibling = second;
        return (first, second);
    }

    /// <summary>Number of this processor, from 0.</summary>
    public int Index { get; }

    /// <summary>
    /// The other logical processor of its core, with which it shares data caches and what the CPU model says of translation
    /// caches; null without <see cref="ShootdownOptions.SiblingThreads"/>, or if the machine has an odd number and this is the last.
    /// </summary>
    public Processor? Sibling { get; private set; }

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
