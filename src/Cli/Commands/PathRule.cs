using System.CommandLine;
using System.CommandLine.Parsing;
using X86Pae.Cli.Input;

namespace X86Pae.Cli.Commands;

/// <summary>What every path on the command line must satisfy, whatever the command.</summary>
internal static class PathRule
{
    /// <summary>Refuses an empty path.</summary>
    /// <param name="result">Receives the error.</param>
    /// <param name="name">The option or argument.</param>
    /// <param name="tokens">The paths given for it.</param>
    public static void RejectEmpty(SymbolResult result, string name, IEnumerable<Token> tokens)
    {
        if (tokens.Any(token => token.Value.Length == 0))
        {
            result.AddError($"{name} is empty.");
        }
    }

    /// <summary>Makes a command refuse to write one of the files that it reads, or the same file twice.</summary>
    /// <param name="command">A command with all its options.</param>
    public static void ProtectInputs(Command command)
    {
        OutputOption[] outputs = [.. command.Options.OfType<OutputOption>()];
        if (outputs.Length == 0)
        {
            return;
        }

        // The arguments of a command that writes files are files that it reads.
        Symbol[] inputs = [.. command.Arguments, .. command.Options.OfType<InputOption>()];
        command.Validators.Add(result =>
        {
            NamedPath[] read = [.. inputs.SelectMany(input => PathsOf(result, input))];
            List<NamedPath> written = [];
            foreach (NamedPath output in outputs.SelectMany(output => PathsOf(result, output)))
            {
                if (read.FirstOrDefault(output.IsSameFile) is { } input)
                {
                    result.AddError($"{output.Name} would replace what {input.Name} reads: {output.Path}.");
                }
                else if (written.Find(output.IsSameFile) is { } other)
                {
                    result.AddError($"{other.Name} and {output.Name} are the same file: {output.Path}.");
                }

                written.Add(output);
            }
        });
    }

    private static IEnumerable<NamedPath> PathsOf(CommandResult command, Symbol symbol)
    {
        SymbolResult? result = symbol is Option option ? command.GetResult(option) : command.GetResult((Argument)symbol);
        return result is null
            ? []
            : result.Tokens.Where(token => token.Value.Length > 0).Select(token => new NamedPath(symbol.Name, token.Value));
    }

    /// <summary>A path with the option or argument that it was given for.</summary>
    private sealed record NamedPath(string Name, string Path)
    {
        private readonly string _target = LinkTarget.Of(Path);

        public bool IsSameFile(NamedPath other) => string.Equals(_target, other._target, LinkTarget.Comparison);
    }
}
