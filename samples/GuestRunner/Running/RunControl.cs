namespace X86Pae.GuestRunner.Running;

/// <summary>The power switch: devices and the processor turn it, the machine looks at it after every instruction.</summary>
internal sealed class RunControl
{
    /// <summary>How the run ended; null while it goes on.</summary>
    public RunEnd? End { get; private set; }

    /// <summary>Ends the run. The first reason counts.</summary>
    /// <param name="end">Why.</param>
    public void Stop(RunEnd end) => End ??= end;
}
