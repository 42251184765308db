using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace X86Pae.Cli.Commands;

/// <summary>The library's help, with what is optional and what is required told apart where it does not tell them apart.</summary>
/// <param name="help">The library's help.</param>
internal sealed class HelpText(HelpAction help) : SynchronousCommandLineAction
{
    private const string Options = "[options]";

    /// <summary>Puts this help in the place of the library's.</summary>
    /// <param name="root">The root command; its help option serves every command.</param>
    public static void Replace(RootCommand root)
    {
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpText((HelpAction)option.Action!);
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        InvocationConfiguration configuration = parseResult.InvocationConfiguration;
        TextWriter output = configuration.Output;
        using var text = new StringWriter();
        configuration.Output = text;
        try
        {
            return help.Invoke(parseResult);
        }
        finally
        {
            configuration.Output = output;
            output.Write(Mend(text.ToString(), parseResult.CommandResult.Command));
        }
    }

    private static string Mend(string text, Command command)
    {
        // The list of commands shows every argument as one that must be given. The brackets take the room of two of the blanks
        // behind it.
        foreach (Command listed in command.Subcommands)
        {
            foreach (Argument argument in listed.Arguments.Where(argument => argument.Arity.MinimumNumberOfValues == 0))
            {
                string shown = $"{listed.Name} <{argument.Name}>";
                text = text.Replace($"  {shown}  ", $"  {listed.Name} [<{argument.Name}>]", StringComparison.Ordinal);
            }
        }

        // The usage counts options that must be given among those that may.
        string required = string.Concat(
            command.Options.Where(option => option.Required).Select(option => $"{option.Name} <{option.HelpName}> "));
        int at = text.IndexOf(Options, StringComparison.Ordinal);
        return at < 0 ? text : text.Insert(at, required);
    }
}
