using System.CommandLine;
using X86Pae.Cli.Reporting;
using X86Pae.Cli.Runs;
using X86Pae.Lab.Validation;

namespace X86Pae.Cli.Commands;

/// <summary><c>paelab validate</c>: the emulated machine against published measurements of real ones.</summary>
internal static class ValidateCommand
{
    /// <summary>Creates the command.</summary>
    /// <param name="console">Where it writes.</param>
    public static Command Create(CommandConsole console)
    {
        var json = new OutputOption("--json", "Write the table to this file as well.");
        var command = new Command(
            "validate",
            "Measures on emulated processors what was published of real ones, and prints both with tolerance and verdict.")
        {
            json,
        };
        command.SetAction(arguments => new ValidationRun(console, TargetList.All).Run(arguments.GetValue(json)));
        return command;
    }
}
