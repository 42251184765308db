using System.CommandLine;

namespace X86Pae.Cli.Commands;

/// <summary>An option whose value is the path of a file that the command writes.</summary>
/// <remarks>
/// <see cref="PathRule"/> keeps it from the files that the command reads or writes besides; <see cref="Reporting.OutputFiles"/>
/// writes it.
/// </remarks>
internal sealed class OutputOption : Option<string?>
{
    /// <summary>Creates the option.</summary>
    /// <param name="name">Its name, with the dashes.</param>
    /// <param name="description">What is written to the file.</param>
    public OutputOption(string name, string description)
        : base(name)
    {
        HelpName = "FILE";
        Description = description;
        Validators.Add(result => PathRule.RejectEmpty(result, name, result.Tokens));
    }
}
