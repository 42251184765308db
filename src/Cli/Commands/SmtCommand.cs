using System.CommandLine;
using X86Pae.Cli.Input;
using X86Pae.Cli.Reporting;
using X86Pae.Cli.Runs;
using X86Pae.Timing;

namespace X86Pae.Cli.Commands;

/// <summary><c>paelab smt --cpu MODEL</c>: what a thread pays for a sibling on its core.</summary>
internal static class SmtCommand
{
    /// <summary>Creates the command.</summary>
    /// <param name="console">Where it writes.</param>
    public static Command Create(CommandConsole console)
    {
        var model = new ModelOption();
        var json = new OutputOption("--json", "Write the figures to this file as well.");
        var command = new Command(
            "smt", "Accesses pages from one thread of a core, with the other one off, idle and busy: what they share costs.")
        {
            json,
        };
        model.AddTo(command);
        command.SetAction(arguments =>
        {
            CpuModel processor = model.ModelOf(arguments);
            return processor.HasSiblings()
                ? new SiblingRun(console, processor).Run(arguments.GetValue(json))
                : throw new UserErrorException($"a core of {processor.Name} has one thread (threadsPerCore): --cpu names another model");
        });
        return command;
    }
}
