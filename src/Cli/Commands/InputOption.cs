using System.CommandLine;

namespace X86Pae.Cli.Commands;

/// <summary>An option whose value is the path of a file or directory that the command reads.</summary>
internal sealed class InputOption : Option<string?>
{
    /// <summary>Creates the option.</summary>
    /// <param name="name">Its name, with the dashes.</param>
    /// <param name="helpName">What stands for the path in the help text: FILE or DIR.</param>
    /// <param name="description">What the file is.</param>
    public InputOption(string name, string helpName, string description)
        : base(name)
    {
        HelpName = helpName;
        Description = description;
        Validators.Add(result => PathRule.RejectEmpty(result, name, result.Tokens));
    }
}
