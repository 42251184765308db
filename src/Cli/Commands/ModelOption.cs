using System.CommandLine;
using X86Pae.Cli.Input;
using X86Pae.Timing;

namespace X86Pae.Cli.Commands;

/// <summary><c>--cpu MODEL</c> or <c>--cpu-file FILE</c>: the processor whose costs are charged.</summary>
internal sealed class ModelOption
{
    private readonly Option<string?> _name = new("--cpu")
    {
        HelpName = "MODEL",
        Description = $"CPU model, by default {CpuModels.CoreDuo.Name}; 'paelab cpus' lists them.",
    };

    private readonly InputOption _file = new("--cpu-file", "FILE", "CPU model in a JSON file, instead of a built-in one.");

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    public void AddTo(Command command)
    {
        command.Options.Add(_name);
        command.Options.Add(_file);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_name) is not null && result.GetValue(_file) is not null)
            {
                result.AddError("--cpu and --cpu-file exclude each other.");
            }
            else if (result.GetValue(_name) is { } name && CpuModels.Find(name) is null)
            {
                result.AddError(UnknownModel(name, CpuModels.All.Select(model => model.Name)));
            }
        });
    }

    /// <summary>The message for a name that no model has.</summary>
    /// <param name="name">The name.</param>
    /// <param name="known">Names that can be used there.</param>
    public static string UnknownModel(string name, IEnumerable<string> known) =>
        $"Unknown CPU model '{name}'; there are: {string.Join(", ", known)}.";

    /// <summary>The model that was asked for.</summary>
    /// <param name="arguments">The parsed command line.</param>
    /// <exception cref="UserErrorException">The file cannot be read, or is not a model.</exception>
    public CpuModel ModelOf(ParseResult arguments) =>
        arguments.GetValue(_file) is { } path ? CpuModelFile.Read(path)
            : arguments.GetValue(_name) is { } name ? CpuModels.Find(name)!
            : CpuModels.CoreDuo;
}
