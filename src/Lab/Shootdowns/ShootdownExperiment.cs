using X86Pae.Lab.Experiments;
using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Lab.Shootdowns;

/// <summary>Shootdowns among emulated processors that do nothing else.</summary>
public sealed class ShootdownExperiment
{
    /// <summary>Most pages of one shootdown.</summary>
    public const int MaxPages = 4096;

    private const ulong MemoryInBytes = 16 << 20;
    private const long Pause = 1_000_000; // in cycles: whatever went before is over
    private const uint FirstPage = 0xC000_0000;
    private const uint Window = 4096; // pages that shootdowns back to back walk through, so that they do not all name the same one

    private readonly CpuModel _model;
    private readonly Machine _machine;

    /// <summary>Prepares the machine.</summary>
    /// <param name="model">The processors.</param>
    /// <param name="targets">How many, beside the initiator, from 0 on.</param>
    /// <param name="options">How shootdowns are carried out; null for the defaults.</param>
    public ShootdownExperiment(CpuModel model, int targets, ShootdownOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(targets);
        _model = model;
        _machine = new Machine(model, CpuFeatures.Pae36, targets + 1, MemoryInBytes, options);
    }

    /// <summary>Whether the targets run user mode, from which an interrupt costs more than from the kernel.</summary>
    public bool TargetsInUserMode
    {
        get;
        init
        {
            field = value;
            foreach (Processor target in _machine.Processors[1..])
            {
                target.IsInUserMode = value;
            }
        }
    }

    /// <summary>One shootdown of a page on all processors, from the first, while nothing of an earlier one is under way.</summary>
    /// <param name="flush">Whether each flushes the page, or only takes the interrupt.</param>
    /// <param name="interruptsOff">How long after the start the last target's interrupts stay off, in cycles; 0 for not at all, as where there is no target.</param>
    /// <returns>Where the initiator's time went.</returns>
    public ShootdownParts Measure(bool flush = true, long interruptsOff = 0)
    {
        ReadOnlySpan<Processor> processors = _machine.Processors;
        long start = Pause;
        foreach (Processor processor in processors)
        {
            start = Math.Max(start, processor.Clock.Now + Pause);
        }

        foreach (Processor processor in processors)
        {
            processor.Clock.IdleUntil(start);
        }

        HoldInterrupts(interruptsOff);
        var handler = new PageFlush(flush);
        return _machine.RunOnEach(processors[0], ref handler);
    }

    /// <summary>Shootdowns of kernel pages on all processors, from the first, each as soon as the one before it has ended.</summary>
    /// <param name="pages">Consecutive pages that each drops one by one, 1 to 4,096; 0 to drop everything.</param>
    /// <param name="count">How many shootdowns, from 0 on.</param>
    /// <param name="interruptsOff">How long after each start the last target's interrupts stay off, in cycles; 0 for not at all, as where there is no target.</param>
    /// <returns>Where the initiator's time went, for each; a shootdown is made when it is asked for.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public IEnumerable<ShootdownParts> MeasureBackToBack(int pages, long count, long interruptsOff = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pages);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pages, MaxPages);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegative(interruptsOff);
        return Run();

        IEnumerable<ShootdownParts> Run()
        {
            for (long i = 0; i < count; i++)
            {
                HoldInterrupts(interruptsOff);
                uint start = FirstPage + ((uint)(i % Window) * GuestPages.PageSize);
                yield return _machine.Flush(
                    _machine.Processors[0],
                    pages == 0 ? TlbFlush.All : TlbFlush.Range(start, start + ((uint)pages * GuestPages.PageSize)));
            }
        }
    }

    /// <summary>Time from the write to the interrupt command register to the first instruction of the handler.</summary>
    /// <exception cref="InvalidOperationException">There is no target.</exception>
    public long MeasureDelivery()
    {
        RequireTarget();
        ShootdownParts parts = Measure();
        return parts.Wire + parts.Entry;
    }

    /// <summary>Share of the targets' handlers, from their first instruction to the acknowledgement, that is the flush itself.</summary>
    /// <returns>0 to 1.</returns>
    /// <exception cref="InvalidOperationException">There is no target.</exception>
    public double MeasureFlushShare()
    {
        RequireTarget();
        ShootdownParts parts = Measure();
        long around = _model.InterruptEntry.Value + _model.PageFaultReturn.Value;
        return parts.Targets * _model.Invlpg.Value / (double)(parts.TargetCycles - (parts.Targets * around));
    }

    /// <summary>By how much a target whose interrupts are off delays the initiator, against max(0, off - arrival).</summary>
    /// <returns>The largest deviation in cycles over windows that end long before, around and long after the arrival.</returns>
    /// <exception cref="InvalidOperationException">There is no target.</exception>
    public long MeasureWindowDeviation()
    {
        RequireTarget();
        ShootdownParts undisturbed = Measure();
        long arrival = undisturbed.Setup + undisturbed.Send + undisturbed.Wire;
        long largest = 0;
        foreach (long off in (ReadOnlySpan<long>)[1, arrival / 2, arrival - 1, arrival, arrival + 1, 2 * arrival, 100 * arrival])
        {
            long delay = Measure(interruptsOff: off).Total - undisturbed.Total;
            largest = Math.Max(largest, Math.Abs(delay - Math.Max(0, off - arrival)));
        }

        return largest;
    }

    private void HoldInterrupts(long cycles)
    {
        ReadOnlySpan<Processor> processors = _machine.Processors;
        if (cycles > 0 && processors.Length > 1)
        {
            processors[^1].HoldInterruptsUntil(processors[0].Clock.Now + cycles);
        }
    }

    private void RequireTarget()
    {
        if (_machine.Processors.Length == 1)
        {
            throw new InvalidOperationException("There is no target.");
        }
    }
}

/// <summary>What a target of the shootdown experiments does: flushes one page, or nothing.</summary>
/// <param name="flushes">Whether it flushes.</param>
internal readonly struct PageFlush(bool flushes) : IInterruptHandler
{
    /// <inheritdoc/>
    public void Handle(Processor processor)
    {
        if (flushes)
        {
            processor.Mmu.Invlpg(GuestPages.Block);
        }
    }
}
