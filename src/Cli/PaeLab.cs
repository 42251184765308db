using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using X86Pae.Cli.Commands;
using X86Pae.Cli.Input;
using X86Pae.Cli.Reporting;

namespace X86Pae.Cli;

/// <summary>The command-line tool, free of the process around it.</summary>
internal static class PaeLab
{
    private const string Name = "paelab";

    /// <summary>Runs one command.</summary>
    /// <param name="args">Command, options and arguments.</param>
    /// <param name="output">Receives results.</param>
    /// <param name="error">Receives progress, and one message where the command cannot do its work.</param>
    /// <param name="showProgress">Whether <paramref name="error"/> is a terminal, on which a line can be rewritten.</param>
    /// <returns>One of <see cref="ExitStatus"/>.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error, bool showProgress = false)
    {
        var progress = new ProgressLine(showProgress ? error : null);
        var console = new CommandConsole(output, progress);

        // A token that begins with @ is a file name like any other.
        ParseResult command = CreateRoot(console).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (command.Action is ParseErrorAction)
        {
            // An option that a command does not know becomes its argument, and the value of that option is left over.
            string message = command.Errors.FirstOrDefault(e => e.SymbolResult is ArgumentResult) is { } wrong ? wrong.Message
                : command.UnmatchedTokens is [string token, ..] ? $"Unrecognized command or option '{token}'."
                : command.Errors[0].Message;
            return Refuse(error, $"{message} Try '{Name} --help'.");
        }

        try
        {
            return command.Invoke(new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (UserErrorException e)
        {
            progress.Clear();
            return Refuse(error, e.Message);
        }
        catch (IOException e)
        {
            // Input reports its own errors by file, so this is the output: a full disk, for instance.
            progress.Clear();
            return Refuse(error, $"cannot write the output: {e.Message}");
        }
    }

    private static RootCommand CreateRoot(CommandConsole console)
    {
        var root = new RootCommand("Checks, replays and compares temporary mappings of high memory on an emulated PAE machine.")
        {
            CompareCommand.Create(console),
            ReplayCommand.Create(console),
            CheckWalksCommand.Create(console),
            CheckSnapshotCommand.Create(console),
            CheckLatencyCommand.Create(console),
            ValidateCommand.Create(console),
            MemtraceCommand.Create(console),
            ExplainCommand.Create(console),
            FuzzCommand.Create(console),
            CpusCommand.Create(console),
            ShootdownCommand.Create(console),
            SmtCommand.Create(console),
        };
        root.HelpName = Name;
        HelpText.Replace(root);
        foreach (Command command in root.Subcommands)
        {
            PathRule.ProtectInputs(command);
        }

        return root;
    }

    private static int Refuse(TextWriter error, string message)
    {
        error.WriteLine($"{Name}: {message}");
        return ExitStatus.UserError;
    }
}
