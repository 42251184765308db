// Processors over one memory, with interprocessor interrupts. The cost of a shootdown follows
//
//   initiator   message set-up, ICR write ---- its own work ----+------ waits for the slowest target ------+
//                        \                                                                                 |
//   wire                  \ flight                                                                         |
//                          \                                                                               |
//   target                  accepted, entry, EOI, handler, acknowledgement -- line transfer ---------------+, IRET
//
//   A target accepts when the message arrives or, if it is busy with something that cannot be interrupted, right after
//   that: its clock stands where its last uninterruptible step ended.

using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Smp;

/// <summary>One to <see cref="MaxProcessors"/> processors of one model that share physical memory.</summary>
/// <remarks>A simulation on one host thread: a run is a function of its inputs.</remarks>
public sealed class Machine
{
    /// <summary>Largest number of processors.</summary>
    public const int MaxProcessors = 32;

    private readonly Processor[] _processors;

    /// <summary>Creates a machine after reset.</summary>
    /// <param name="model">The processors' geometry and costs.</param>
    /// <param name="features">What their CPUID enumerates.</param>
    /// <param name="processors">How many, 1 to <see cref="MaxProcessors"/>.</param>
    /// <param name="memoryInBytes">Size of RAM from physical address 0, in whole 4-KiB pages.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public Machine(CpuModel model, CpuFeatures features, int processors, ulong memoryInBytes)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentOutOfRangeException.ThrowIfLessThan(processors, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(processors, MaxProcessors);
        Model = model;
        Memory = new GuestMemory(memoryInBytes);
        _processors = new Processor[processors];
        for (int i = 0; i < processors; i++)
        {
            _processors[i] = new Processor(i, Memory, model, features);
        }
    }

    /// <summary>Geometry and costs of every processor.</summary>
    public CpuModel Model { get; }

    /// <summary>Physical memory.</summary>
    public GuestMemory Memory { get; }

    /// <summary>The processors, by index.</summary>
    public ReadOnlySpan<Processor> Processors => _processors;

    /// <summary>Runs a handler on every processor: on the others by one broadcast interrupt, on the initiator meanwhile.</summary>
    /// <typeparam name="THandler">What each processor does.</typeparam>
    /// <param name="initiator">The processor that sends, and waits until all others have acknowledged; its interrupts are on.</param>
    /// <param name="handler">What each processor does.</param>
    /// <remarks>
    /// Linux's on_each_cpu: one locked insertion into each target's queue, one interrupt message, the local part while the
    /// message is under way, then a wait for per-CPU acknowledgements (kernel/smp.c).
    /// </remarks>
    public void RunOnEach<THandler>(Processor initiator, ref THandler handler)
        where THandler : struct, IInterruptHandler
    {
        ArgumentNullException.ThrowIfNull(initiator);
        ProcessorClock clock = initiator.Clock;
        int targets = _processors.Length - 1;
        if (targets > 0)
        {
            clock.Charge(CycleAccount.Shootdown, (long)Model.LockedRmw.Value * targets);
            clock.Charge(CycleAccount.Shootdown, Model.IcrWrite);
            clock.Counts.IpisSent += targets;
        }

        long arrival = clock.Now + Model.IpiWire.Value;
        handler.Handle(initiator);
        long lastAcknowledgement = clock.Now;
        foreach (Processor target in _processors)
        {
            if (target != initiator)
            {
                lastAcknowledgement = Math.Max(lastAcknowledgement, Deliver(target, arrival, ref handler));
            }
        }

        clock.WaitUntil(CycleAccount.Shootdown, lastAcknowledgement);
    }

    /// <summary>Runs a handler on a target.</summary>
    /// <returns>When the initiator can see the acknowledgement.</returns>
    private long Deliver<THandler>(Processor target, long arrival, ref THandler handler)
        where THandler : struct, IInterruptHandler
    {
        ProcessorClock clock = target.Clock;
        clock.IdleUntil(arrival);
        clock.Counts.IpisHandled++;
        clock.Charge(CycleAccount.Shootdown, Model.InterruptEntry);
        clock.Charge(CycleAccount.Shootdown, Model.EoiAndHandlerEntry);
        handler.Handle(target);
        long acknowledged = clock.Now + Model.AckTransfer.Value;
        clock.Charge(CycleAccount.Shootdown, Model.PageFaultReturn);
        return acknowledged;
    }
}
