using System.Globalization;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Lab.Shootdowns;

/// <summary>What is asked of the shootdown experiment.</summary>
/// <param name="Model">The processors.</param>
/// <param name="Options">How shootdowns are carried out.</param>
public sealed record ShootdownSettings(CpuModel Model, ShootdownOptions Options)
{
    /// <summary>Pages that each shootdown drops one by one; 0 for everything.</summary>
    public int Pages { get; init; } = 1;

    /// <summary>Cycles from the start of each shootdown for which the last processor has its interrupts off.</summary>
    public long InterruptsOff { get; init; }

    /// <summary>Whether the targets run user mode.</summary>
    public bool TargetsInUserMode { get; init; }

    /// <summary>Number of shootdowns on each machine, back to back, from 1 on.</summary>
    public long Count { get; init; } = 1;

    /// <summary>What is shot down, and on which processors, in words.</summary>
    public string Title
    {
        get
        {
            string pages = Pages switch
            {
                0 => "everything",
                1 => "one page",
                int n => $"{n} pages",
            };
            string times = Count == 1
                ? string.Empty
                : $", mean of {Count.ToString("N0", CultureInfo.InvariantCulture)} back to back";
            return $"shootdown of {pages}, {Model.Name}{times}";
        }
    }

    /// <summary>How it is carried out, in words.</summary>
    public string Description
    {
        get
        {
            string text = $"delivery {ShootdownNames.Of(Options.Delivery)}, requests {ShootdownNames.Of(Options.Requests)}, "
                + $"acknowledgement {ShootdownNames.Of(Options.Acknowledgement)}, "
                + $"local flush {ShootdownNames.Of(Options.LocalFlush)}, "
                + $"targets in {(TargetsInUserMode ? "user" : "kernel")} mode";
            text += Options.SiblingThreads ? ", sibling threads in use" : string.Empty;
            text += Options.ProcessorsPerPackage is { } count ? $", {count} CPUs in a package" : string.Empty;
            return InterruptsOff == 0 ? text : $"{text}, interrupts of the last target off for {InterruptsOff} cycles";
        }
    }
}

/// <summary>Names of the choices of a shootdown, as options and reports have them.</summary>
public static class ShootdownNames
{
    /// <summary>How messages name their targets.</summary>
    /// <param name="delivery">The choice.</param>
    public static string Of(IpiDelivery delivery) => delivery switch
    {
        IpiDelivery.AllButSelf => "all-but-self",
        IpiDelivery.Logical => "logical",
        IpiDelivery.PhysicalUnicast => "physical",
        _ => throw new ArgumentOutOfRangeException(nameof(delivery)),
    };

    /// <summary>How targets learn what to do.</summary>
    /// <param name="requests">The choice.</param>
    public static string Of(RequestPassing requests) => requests switch
    {
        RequestPassing.QueuePerTarget => "queues",
        RequestPassing.SharedMessage => "shared",
        _ => throw new ArgumentOutOfRangeException(nameof(requests)),
    };

    /// <summary>How targets tell that they are done.</summary>
    /// <param name="acknowledgement">The choice.</param>
    public static string Of(Acknowledgement acknowledgement) => acknowledgement switch
    {
        Acknowledgement.PerCpuFlags => "flags",
        Acknowledgement.SharedCounter => "counter",
        _ => throw new ArgumentOutOfRangeException(nameof(acknowledgement)),
    };

    /// <summary>When the initiator flushes its own TLB.</summary>
    /// <param name="localFlush">The choice.</param>
    public static string Of(LocalFlush localFlush) => localFlush switch
    {
        LocalFlush.Overlapped => "overlapped",
        LocalFlush.First => "first",
        _ => throw new ArgumentOutOfRangeException(nameof(localFlush)),
    };
}
