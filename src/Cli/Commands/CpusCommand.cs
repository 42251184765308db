using System.CommandLine;
using X86Pae.Cli.Input;
using X86Pae.Cli.Runs;
using X86Pae.Cli.Reporting;
using X86Pae.Lab.Validation;
using X86Pae.Timing;

namespace X86Pae.Cli.Commands;

/// <summary><c>paelab cpus [MODEL]</c>: the CPU models, or every parameter of one.</summary>
internal static class CpusCommand
{
    /// <summary>Creates the command.</summary>
    /// <param name="console">Where it writes.</param>
    public static Command Create(CommandConsole console)
    {
        var name = new Argument<string?>("MODEL")
        {
            Description = "Model whose parameters are listed, built in or of validate. Without it, all built-in models, a line for each.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        name.Validators.Add(result =>
        {
            if (result.Tokens is not [{ Value: var wanted }])
            {
                return;
            }

            // The parser hands an option that it does not know to the argument.
            if (wanted is ['-', ..])
            {
                result.AddError($"Unrecognized option '{wanted}'.");
            }
            else if (ValidationModels.Find(wanted) is null)
            {
                result.AddError(ModelOption.UnknownModel(
                    wanted, [.. CpuModels.All.Select(model => model.Name), .. ValidationModels.Names]));
            }
        });
        var file = new InputOption("--cpu-file", "FILE", "List the parameters of the model in this JSON file instead.");
        var command = new Command(
            "cpus", "Lists the CPU models, or every parameter of one with its confidence, range and source.")
        {
            name,
            file,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(name) is not null && result.GetValue(file) is not null)
            {
                result.AddError("MODEL and --cpu-file exclude each other.");
            }
        });
        command.SetAction(arguments =>
        {
            CpuModel? model = arguments.GetValue(file) is { } path ? CpuModelFile.Read(path)
                : arguments.GetValue(name) is { } wanted ? ValidationModels.Find(wanted)
                : null;
            if (model is null)
            {
                ModelList.Write(CpuModels.All, console.Output);
            }
            else
            {
                new ModelDetails(model).Write(console.Output);
            }

            return ExitStatus.Success;
        });
        return command;
    }
}
