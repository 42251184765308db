using System.CommandLine;
using System.CommandLine.Parsing;

namespace X86Pae.Cli.Commands;

/// <summary>Arguments that are paths.</summary>
internal static class PathArgument
{
    /// <summary>Creates the argument.</summary>
    /// <param name="name">Its name in the help text, in capitals.</param>
    /// <param name="description">What the files are.</param>
    public static Argument<string[]> OneOrMore(string name, string description)
    {
        var argument = new Argument<string[]>(name) { Description = description, Arity = ArgumentArity.OneOrMore };
        argument.Validators.Add(RejectWhatIsNoPath);
        return argument;
    }

    /// <summary>Creates an argument that takes exactly one path.</summary>
    /// <param name="name">Its name in the help text, in capitals.</param>
    /// <param name="description">What the file is.</param>
    public static Argument<string> One(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description, Arity = ArgumentArity.ExactlyOne };
        argument.Validators.Add(RejectWhatIsNoPath);
        return argument;
    }

    /// <summary>Creates an argument that takes a path or nothing.</summary>
    /// <param name="name">Its name in the help text, in capitals.</param>
    /// <param name="description">What the file is.</param>
    public static Argument<string?> Optional(string name, string description)
    {
        var argument = new Argument<string?>(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };
        argument.Validators.Add(RejectWhatIsNoPath);
        return argument;
    }

    // The parser hands an option that it does not know to the argument.
    private static void RejectWhatIsNoPath(ArgumentResult result)
    {
        PathRule.RejectEmpty(result, result.Argument.Name, result.Tokens);
        foreach (Token token in result.Tokens)
        {
            if (token.Value is ['-', ..] && !Path.Exists(token.Value))
            {
                result.AddError($"Unrecognized option '{token.Value}'.");
            }
        }
    }
}
