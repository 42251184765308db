using System.CommandLine;
using X86Pae.Cli.Runs;
using X86Pae.Cli.Reporting;

namespace X86Pae.Cli.Commands;

/// <summary><c>paelab replay TRACE [--verify]</c>: a recorded kernel's mappings on the emulated machine.</summary>
internal static class ReplayCommand
{
    /// <summary>Creates the command.</summary>
    /// <param name="console">Where it writes.</param>
    public static Command Create(CommandConsole console)
    {
        Argument<string> trace = PathArgument.One("TRACE", "A recording: ftrace text, plain or gzip.");
        var verify = new Option<bool>("--verify")
        {
            Description = "Compare each address that kmap_local and kmap returned, and each flush of the whole pool with the CPUs "
                + "that ran it.",
        };
        var model = new ModelOption();
        var command = new Command(
            "replay",
            "Drives the emulated kernel with the recorded CPU, task, page and order of every map, unmap and context switch.")
        {
            trace,
            verify,
        };
        model.AddTo(command);
        command.SetAction(arguments =>
        {
            var run = new ReplayRun(console, model.ModelOf(arguments));
            return run.Run(arguments.GetRequiredValue(trace), arguments.GetValue(verify));
        });
        return command;
    }
}
