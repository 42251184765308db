using System.CommandLine;
using X86Pae.Cli.Runs;
using X86Pae.Cli.Reporting;

namespace X86Pae.Cli.Commands;

/// <summary><c>paelab check-latency FILE --cpu MODEL</c>: measured load latencies against a CPU model.</summary>
internal static class CheckLatencyCommand
{
    /// <summary>Creates the command.</summary>
    /// <param name="console">Where it writes.</param>
    public static Command Create(CommandConsole console)
    {
        Argument<string> file = PathArgument.One("FILE", "Measured latencies: CSV with size_kib, stride_bytes and cycles.");
        var model = new ModelOption();
        var command = new Command(
            "check-latency",
            "Runs the random-chain experiment of each measured cell on the emulated processor and compares the cycles.")
        {
            file,
        };
        model.AddTo(command);
        command.SetAction(arguments =>
            new LatencyCheck(console, model.ModelOf(arguments)).Run(arguments.GetRequiredValue(file)));
        return command;
    }
}
