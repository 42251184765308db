using System.CommandLine;
using X86Pae.Cli.Runs;
using X86Pae.Cli.Reporting;

namespace X86Pae.Cli.Commands;

/// <summary><c>paelab memtrace FILE --cpu MODEL</c>: a recorded address trace on the emulated processors.</summary>
internal static class MemtraceCommand
{
    private const int MaxRepeats = 1000;
    private const int DefaultRepeats = 5;

    /// <summary>Creates the command.</summary>
    /// <param name="console">Where it writes.</param>
    public static Command Create(CommandConsole console)
    {
        Argument<string> file = PathArgument.One("FILE", "An address trace: records of eight bytes, plain or gzip.");
        var model = new ModelOption();
        var json = new OutputOption("--json", "Write the counts to this file as well.");
        var hostTime = new Option<bool>("--host-time")
        {
            Description = "Put the records per second into the file of --json too, which then differs from run to run.",
        };
        var repeat = new Option<int>("--repeat")
        {
            HelpName = "N",
            Description = $"Replay N times, 1 to {MaxRepeats}, each on a new machine, and report the fastest: the first ones are compiled on the way.",
            DefaultValueFactory = _ => DefaultRepeats,
        };
        repeat.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string text }, ..]
                && !(int.TryParse(text, out int times) && times is >= 1 and <= MaxRepeats))
            {
                result.AddError($"--repeat is '{text}', not 1 to {MaxRepeats}.");
            }
        });
        var command = new Command(
            "memtrace",
            "Replays the recorded accesses and counts TLB hits, walks, table reads by cache level, and cycles.")
        {
            file,
            json,
            hostTime,
            repeat,
        };
        model.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(hostTime) && result.GetResult(json) is null)
            {
                result.AddError("--host-time needs --json.");
            }
        });
        command.SetAction(arguments =>
        {
            var run = new MemtraceRun(console, model.ModelOf(arguments), arguments.GetValue(repeat));
            return run.Run(arguments.GetRequiredValue(file), arguments.GetValue(json), arguments.GetValue(hostTime));
        });
        return command;
    }
}
