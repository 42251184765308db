using System.CommandLine;
using X86Pae.Timing;

namespace X86Pae.Cli.Commands;

/// <summary><c>--cpu MODEL</c>: the processor whose costs are charged.</summary>
internal static class ModelOption
{
    /// <summary>Creates the option; it defaults to the Core Duo, the last 32-bit-only Intel core.</summary>
    public static Option<string> Create()
    {
        var option = new Option<string>("--cpu")
        {
            HelpName = "MODEL",
            Description = $"CPU model: {string.Join(", ", CpuModels.All.Select(model => model.Name))}.",
            DefaultValueFactory = _ => CpuModels.CoreDuo.Name,
        };
        option.Validators.Add(result =>
        {
            string? name = result.Tokens.Count > 0 ? result.Tokens[0].Value : null;
            if (name is not null && CpuModels.Find(name) is null)
            {
                result.AddError(
                    $"Unknown CPU model '{name}'; there are: {string.Join(", ", CpuModels.All.Select(model => model.Name))}.");
            }
        });
        return option;
    }

    /// <summary>The model that was asked for.</summary>
    /// <param name="arguments">The parsed command line.</param>
    /// <param name="option">The option.</param>
    public static CpuModel ModelOf(ParseResult arguments, Option<string> option) =>
        CpuModels.Find(arguments.GetRequiredValue(option))!;
}
