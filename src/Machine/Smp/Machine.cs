// Processors over one memory, with interprocessor interrupts. A shootdown, as the initiator's time goes:
//
//   initiator   set-up, messages ----- its own work (overlapped) ----+------ waits for the last acknowledgement ----+
//                        \                                                                                          |
//   wire                  \ flight                                                                                  |
//                          \                                                                                        |
//   target                  accepted, entry, EOI, handler, flush, acknowledgement ------- line transfer ------------+, IRET
//
//   A target accepts when the message arrives or, if its interrupts are off or it is busy with something that cannot be
//   interrupted, right after that: its clock stands where its last uninterruptible step ended.

using System.Numerics;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Smp;

/// <summary>One to <see cref="MaxProcessors"/> processors of one model that share physical memory.</summary>
/// <remarks>
/// A simulation on one host thread: a run is a function of its inputs. What is asked of a machine directly happens at once, with
/// the other processors as they stand; <see cref="EventEngine{TProgram}"/> runs programs on all processors side by side.
/// </remarks>
public sealed class Machine
{
    /// <summary>Largest number of processors.</summary>
    public const int MaxProcessors = 1024;

    private readonly Processor[] _processors;
    private readonly ProcessorSet _all;
    private readonly Shootdown _shootdown;
    private readonly InvalidationLog _log;

    /// <summary>Creates a machine after reset.</summary>
    /// <param name="model">The processors' geometry and costs.</param>
    /// <param name="features">What their CPUID enumerates.</param>
    /// <param name="processors">How many, 1 to <see cref="MaxProcessors"/>.</param>
    /// <param name="memoryInBytes">Size of RAM from physical address 0, in whole 4-KiB pages.</param>
    /// <param name="options">How shootdowns are carried out; null for <see cref="ShootdownOptions.Default"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="ArgumentException">The options ask for what the model does not have, or contradict each other.</exception>
    public Machine(
        CpuModel model, CpuFeatures features, int processors, ulong memoryInBytes, ShootdownOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentOutOfRangeException.ThrowIfLessThan(processors, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(processors, MaxProcessors);
        Model = model;
        Options = options ?? ShootdownOptions.Default;
        Tlbs = model.Tlbs with { NumbersFills = false };
        Costs = new ShootdownCosts(model, Options);
        Network = new InterruptNetwork(Costs, Options.Delivery, processors);
        Memory = new GuestMemory(memoryInBytes);
        AcceptsFrom = new long[processors];
        ClockStates = new ClockStates(processors);
        _log = new InvalidationLog(processors);
        _processors = new Processor[processors];
        for (int i = 0; i < processors; i++)
        {
            if (Options.SiblingThreads && i + 1 < processors)
            {
                (_processors[i], _processors[i + 1]) = Processor.CreateCore(i, this, features);
                i++;
            }
            else
            {
                _processors[i] = new Processor(i, this, features);
            }
        }

        foreach (Processor processor in _processors)
        {
            processor.Mmu.Join(_log, processor.Index);
        }

        _all = ProcessorSet.First(processors);
        _shootdown = new Shootdown(this, _processors);
    }

    /// <summary>Geometry and costs of every processor.</summary>
    public CpuModel Model { get; }

    /// <summary>How shootdowns are carried out.</summary>
    public ShootdownOptions Options { get; }

    /// <summary>Physical memory.</summary>
    public GuestMemory Memory { get; }

    /// <summary>The processors, by index.</summary>
    public ReadOnlySpan<Processor> Processors => _processors;

    /// <summary>Translation caches of each processor; their entries do not keep since when they are held, for the sake of room.</summary>
    internal TlbConfiguration Tlbs { get; }

    /// <summary>Costs of a shootdown.</summary>
    internal ShootdownCosts Costs { get; }

    /// <summary>What interrupt messages travel on.</summary>
    internal InterruptNetwork Network { get; }

    /// <summary>The lock around the one description of a shootdown, where requests are passed that way.</summary>
    internal SimulatedSpinLock RequestLock { get; } = new();

    /// <summary>What shootdowns change of the processors' clocks, by processor.</summary>
    internal ClockStates ClockStates { get; }

    /// <summary>When each processor accepts interrupts again: 0 while they are on, the largest value while no end is known.</summary>
    internal long[] AcceptsFrom { get; }

    /// <summary>Flushes on every processor.</summary>
    /// <param name="initiator">The processor that asks, and waits until all others have acknowledged; its interrupts are on.</param>
    /// <param name="flush">What each processor drops.</param>
    /// <returns>Where the initiator's time went.</returns>
    /// <exception cref="ArgumentException"><paramref name="initiator"/> belongs to another machine.</exception>
    /// <exception cref="InvalidOperationException">Interrupts are off, on the initiator or for good on a target: a deadlock.</exception>
    public ShootdownParts Flush(Processor initiator, TlbFlush flush) => Flush(initiator, in _all, flush);

    /// <summary>Flushes on some processors, the initiator only if it is one of them.</summary>
    /// <param name="initiator">The processor that asks, and waits until all others have acknowledged; its interrupts are on.</param>
    /// <param name="processors">Which ones; processors that the machine does not have are left out.</param>
    /// <param name="flush">What each processor drops.</param>
    /// <returns>Where the initiator's time went.</returns>
    /// <exception cref="ArgumentException"><paramref name="initiator"/> belongs to another machine.</exception>
    /// <exception cref="InvalidOperationException">Interrupts are off, on the initiator or for good on a target: a deadlock.</exception>
    public ShootdownParts Flush(Processor initiator, in ProcessorSet processors, TlbFlush flush)
    {
        ThrowIfForeign(initiator);
        if (flush.IsFull)
        {
            FullFlushHandler full = default;
            return _shootdown.Run(initiator, in processors, ref full);
        }

        var pages = new PageFlushHandler(flush.PageCount);
        ShootdownParts parts = _shootdown.Run(initiator, in processors, ref pages, flush.PageCount);
        Log(flush, in processors);
        return parts;
    }

    /// <summary>Runs a handler on every processor: on the others by interrupt, and on the initiator (on_each_cpu).</summary>
    /// <typeparam name="THandler">What each processor does.</typeparam>
    /// <param name="initiator">The processor that asks, and waits until all others have acknowledged; its interrupts are on.</param>
    /// <param name="handler">What each processor does.</param>
    /// <returns>Where the initiator's time went.</returns>
    /// <exception cref="ArgumentException"><paramref name="initiator"/> belongs to another machine.</exception>
    /// <exception cref="InvalidOperationException">Interrupts are off, on the initiator or for good on a target: a deadlock.</exception>
    public ShootdownParts RunOnEach<THandler>(Processor initiator, ref THandler handler)
        where THandler : struct, IInterruptHandler => RunOn(initiator, in _all, ref handler);

    /// <summary>Whether a processor is one of this machine's.</summary>
    /// <param name="processor">The processor.</param>
    public bool Contains(Processor processor)
    {
        ArgumentNullException.ThrowIfNull(processor);
        return (uint)processor.Index < (uint)_processors.Length && _processors[processor.Index] == processor;
    }

    /// <summary>Runs a handler on some processors, the initiator only if it is one of them (on_each_cpu_mask).</summary>
    /// <typeparam name="THandler">What each processor does.</typeparam>
    /// <param name="initiator">The processor that asks, and waits until all others have acknowledged; its interrupts are on.</param>
    /// <param name="processors">Which ones; processors that the machine does not have are left out.</param>
    /// <param name="handler">What each processor does.</param>
    /// <returns>Where the initiator's time went.</returns>
    /// <exception cref="ArgumentException"><paramref name="initiator"/> belongs to another machine.</exception>
    /// <exception cref="InvalidOperationException">Interrupts are off, on the initiator or for good on a target: a deadlock.</exception>
    public ShootdownParts RunOn<THandler>(Processor initiator, in ProcessorSet processors, ref THandler handler)
        where THandler : struct, IInterruptHandler
    {
        ThrowIfForeign(initiator);
        return _shootdown.Run(initiator, in processors, ref handler);
    }

    /// <summary>A processor has entered or left user mode.</summary>
    /// <param name="processor">The processor.</param>
    internal void ModeChanged(Processor processor) => _shootdown.ModeChanged(processor);

    private void ThrowIfForeign(Processor initiator)
    {
        ArgumentNullException.ThrowIfNull(initiator);
        if (!Contains(initiator))
        {
            throw new ArgumentException("The processor belongs to another machine.", nameof(initiator));
        }
    }

    /// <summary>Notes that processors have dropped pages; their caches follow before they are used next.</summary>
    private void Log(TlbFlush flush, in ProcessorSet processors)
    {
        if (_log.IsFull)
        {
            CatchUp();
        }

        for (int word = 0; word * ProcessorSet.BitsPerWord < _processors.Length; word++)
        {
            ulong set = processors.WordAt(word) & _all.WordAt(word);
            CatchUp(word, _log.BehindIn(word) & ~set); // a reader that is behind drops every later range of the log
            ulong fallen = _log.Add(flush.Start, (uint)flush.PageCount, word, set);
            for (; fallen != 0; fallen &= fallen - 1)
            {
                _processors[(word * ProcessorSet.BitsPerWord) + BitOperations.TrailingZeroCount(fallen)].Mmu.FallBehind();
            }
        }

        _log.Advance();
    }

    private void CatchUp()
    {
        for (int word = 0; word * ProcessorSet.BitsPerWord < _processors.Length; word++)
        {
            CatchUp(word, _log.BehindIn(word));
        }

        _log.Empty();
    }

    private void CatchUp(int word, ulong behind)
    {
        for (; behind != 0; behind &= behind - 1)
        {
            _processors[(word * ProcessorSet.BitsPerWord) + BitOperations.TrailingZeroCount(behind)].Mmu.CatchUp();
        }
    }
}
