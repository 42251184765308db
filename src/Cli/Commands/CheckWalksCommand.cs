using System.CommandLine;
using X86Pae.Cli.Reporting;
using X86Pae.Cli.Runs;

namespace X86Pae.Cli.Commands;

/// <summary><c>paelab check-walks FILE...</c>: recorded page walks against the walker.</summary>
internal static class CheckWalksCommand
{
    /// <summary>Creates the command.</summary>
    /// <param name="console">Where it writes.</param>
    public static Command Create(CommandConsole console)
    {
        Argument<string[]> files = PathArgument.OneOrMore("FILE", "Walk vectors: CSV, plain or gzip.");
        var command = new Command(
            "check-walks",
            "Makes each recorded access on the emulated hardware and compares outcome, error code, CR2, frame and entries.")
        {
            files,
        };
        command.SetAction(arguments =>
        {
            var report = new CheckReport(console);
            var check = new WalkCheck(report, console.Progress);
            foreach (string file in arguments.GetRequiredValue(files))
            {
                check.Run(file);
            }

            return report.Conclude();
        });
        return command;
    }
}
