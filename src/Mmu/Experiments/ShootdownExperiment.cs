using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Experiments;

/// <summary>Shootdowns of one page among emulated processors that do nothing else.</summary>
public sealed class ShootdownExperiment
{
    private const ulong MemoryInBytes = 16 << 20;
    private const long Pause = 1_000_000; // in cycles: whatever went before is over

    private readonly CpuModel _model;
    private readonly Machine _machine;

    /// <summary>Prepares the machine.</summary>
    /// <param name="model">The processors.</param>
    /// <param name="targets">How many, beside the initiator, from 1 on.</param>
    /// <param name="options">How shootdowns are carried out; null for the defaults.</param>
    public ShootdownExperiment(CpuModel model, int targets, ShootdownOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(targets, 1);
        _model = model;
        _machine = new Machine(model, CpuFeatures.Pae36, targets + 1, MemoryInBytes, options);
    }

    /// <summary>One shootdown of all processors, from the first.</summary>
    /// <param name="flush">Whether each flushes the page, or only takes the interrupt.</param>
    /// <param name="interruptsOff">How long after the start the last target's interrupts stay off, in cycles; 0 for not at all.</param>
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

        if (interruptsOff > 0)
        {
            processors[^1].HoldInterruptsUntil(start + interruptsOff);
        }

        var handler = new PageFlush(flush);
        return _machine.RunOnEach(processors[0], ref handler);
    }

    /// <summary>Time from the write to the interrupt command register to the first instruction of the handler.</summary>
    public long MeasureDelivery()
    {
        ShootdownParts parts = Measure();
        return parts.Wire + parts.Entry;
    }

    /// <summary>Share of the targets' handlers, from their first instruction to the acknowledgement, that is the flush itself.</summary>
    /// <returns>0 to 1.</returns>
    public double MeasureFlushShare()
    {
        ShootdownParts parts = Measure();
        long around = _model.InterruptEntry.Value + _model.PageFaultReturn.Value;
        return parts.Targets * _model.Invlpg.Value / (double)(parts.TargetCycles - (parts.Targets * around));
    }

    /// <summary>By how much a target whose interrupts are off delays the initiator, against max(0, off - arrival).</summary>
    /// <returns>The largest deviation in cycles over windows that end long before, around and long after the arrival.</returns>
    public long MeasureWindowDeviation()
    {
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
}
