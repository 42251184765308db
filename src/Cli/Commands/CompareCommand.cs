using System.CommandLine;
using X86Pae.Cli.Runs;
using X86Pae.Cli.Reporting;
using X86Pae.Lab.Comparison;
using X86Pae.Smp;

namespace X86Pae.Cli.Commands;

/// <summary><c>paelab compare [TRACE]</c>: the recorded mappings served by each strategy.</summary>
internal static class CompareCommand
{
    /// <summary>Creates the command.</summary>
    /// <param name="console">Where it writes.</param>
    public static Command Create(CommandConsole console)
    {
        Argument<string?> trace = PathArgument.Optional(
            "TRACE", "A recording: ftrace text, plain or gzip. Without it, the one that is part of the tool.");
        var model = new ModelOption();
        var touch = new ChoiceOption<Touch>(
            "--touch",
            new(("none", Touch.None), ("once", Touch.Once), ("page", Touch.Page)) { Default = Touch.Once },
            "What is read through each mapping: nothing, eight bytes, or eight bytes of each cache line.");
        var caches = new ChoiceOption<CacheState>(
            "--caches",
            new(("hot", CacheState.Hot), ("cold", CacheState.Cold)),
            "What a CPU's data caches hold before each mapping: what mappings left there, or nothing.");
        Option<bool> siblings = SmtOption.Create();
        var json = new OutputOption("--json", "Write the figures to this file as well.");
        var sweep = new Option<bool>("--sweep")
        {
            Description = "Check the order at every corner of the ranges within which the model's costs are known.",
        };
        var command = new Command("compare", "Serves the recorded mappings by each strategy and compares what that took.")
        {
            trace,
            touch,
            caches,
            siblings,
            json,
            sweep,
        };
        model.AddTo(command);
        command.SetAction(arguments =>
        {
            bool threads = arguments.GetValue(siblings);
            var settings = new ComparisonSettings(SmtOption.Checked(model.ModelOf(arguments), threads))
            {
                Touch = touch.ValueOf(arguments),
                Caches = caches.ValueOf(arguments),
                Shootdown = ShootdownOptions.Default with { SiblingThreads = threads },
            };
            var run = new CompareRun(console, settings);
            return run.Run(arguments.GetValue(trace), arguments.GetValue(json), arguments.GetValue(sweep));
        });
        return command;
    }
}
