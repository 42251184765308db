using System.CommandLine;
using X86Pae.Cli.Reporting;
using X86Pae.Cli.Snapshots;

namespace X86Pae.Cli.Commands;

/// <summary><c>paelab check-snapshot DIR...</c>: page tables of real machines against the walker.</summary>
internal static class CheckSnapshotCommand
{
    /// <summary>Creates the command.</summary>
    /// <param name="console">Where it writes.</param>
    public static Command Create(CommandConsole console)
    {
        Argument<string[]> directories = PathArgument.OneOrMore(
            "DIR", "Snapshots: directories with machine.json, pages.bin.gz and mappings-cpuN.csv.gz.");
        var command = new Command(
            "check-snapshot",
            "Translates each page of the linear space of each CPU and compares with the mappings the machine itself listed.")
        {
            directories,
        };
        command.SetAction(arguments =>
        {
            var report = new CheckReport(console);
            var check = new SnapshotCheck(report, console.Progress);
            foreach (string directory in arguments.GetRequiredValue(directories))
            {
                check.Run(directory);
            }

            return report.Conclude();
        });
        return command;
    }
}
