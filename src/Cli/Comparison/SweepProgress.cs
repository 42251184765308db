using System.Globalization;
using X86Pae.Cli.Reporting;

namespace X86Pae.Cli.Comparison;

/// <summary>Shows how many runs of a sweep are done, whichever thread says so.</summary>
/// <param name="line">Where it is shown.</param>
internal sealed class SweepProgress(ProgressLine line) : IProgress<long>
{
    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public void Report(long value)
    {
        lock (_lock)
        {
            line.Report(string.Create(CultureInfo.InvariantCulture, $"sweeping the estimated costs: {value:N0} runs"));
        }
    }
}
