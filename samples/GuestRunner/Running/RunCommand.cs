using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Diagnostics;
using X86Pae.GuestRunner.Machine;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.GuestRunner.Running;

/// <summary>The command line, independent of the console and the process.</summary>
internal static class RunCommand
{
    private const string Name = "guestrunner";
    private const int Success = 0;
    private const int Failure = 1;
    private const int UserError = 2;
    private const ulong MiB = 1 << 20;

    /// <summary>Runs a program.</summary>
    /// <param name="args">Image and options.</param>
    /// <param name="output">Receives the output of the program.</param>
    /// <param name="error">Receives a report of how the program ended, or one message if it could not begin.</param>
    /// <returns>0 if the program ended by itself, and as expected; 1 if not; 2 for bad arguments and unreadable files.</returns>
    public static int Run(string[] args, Stream output, TextWriter error)
    {
        ParseResult command = Create(output, error).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (command.Action is ParseErrorAction)
        {
            return Refuse(error, $"{command.Errors[0].Message} Try --help.");
        }

        try
        {
            return command.Invoke(new InvocationConfiguration { Error = error, EnableDefaultExceptionHandler = false });
        }
        catch (UserErrorException e)
        {
            return Refuse(error, e.Message);
        }
        catch (IOException e)
        {
            return Refuse(error, $"cannot write the output: {e.Message}"); // input reports its own errors, by file
        }
    }

    private static RootCommand Create(Stream output, TextWriter error)
    {
        var image = new Argument<string>("IMAGE") { Description = "Flat 32-bit binary, loaded and entered at 10000h." };
        var memory = new Option<int>("--memory")
        {
            Description = "RAM in MiB, 1 to 1048576.",
            HelpName = "MiB",
            DefaultValueFactory = _ => 64,
        };
        memory.Validators.Add(result => Require(result, token => int.TryParse(token, out int n) && n is >= 1 and <= 1 << 20,
            "a number of MiB from 1 to 1048576"));
        var expect = new Option<string?>("--expect")
        {
            Description = "Compare the output with a text file, plain or gzip, and stop at the first difference.",
            HelpName = "FILE",
        };
        var limit = new Option<long>("--limit")
        {
            Description = "Instructions after which the run is given up.",
            HelpName = "N",
            DefaultValueFactory = _ => 10_000_000_000,
        };
        limit.Validators.Add(result => Require(result, token => long.TryParse(token, out long n) && n > 0, "a number from 1 on"));
        var tlb = new Option<string>("--tlb")
        {
            Description = "Translation caches: host (the fastest), none, core-duo, stale (nothing is lost until it is invalidated).",
            HelpName = "KIND",
            DefaultValueFactory = _ => "host",
        };
        tlb.Validators.Add(result => Require(
            result, token => token is "host" or "none" or "core-duo" or "stale", "host, none, core-duo or stale"));
        var root = new RootCommand("Runs a bare-metal program whose every memory access goes through X86Pae.Mmu.")
        {
            image,
            memory,
            expect,
            limit,
            tlb,
        };
        root.HelpName = Name;
        root.SetAction(arguments =>
        {
            ulong bytes = (ulong)arguments.GetValue(memory) * MiB;
            byte[] program = InputFiles.ReadImage(arguments.GetRequiredValue(image), bytes);
            LineComparison? comparison = arguments.GetValue(expect) is { } path ? new(InputFiles.ReadLines(path)) : null;
            var guestOutput = new GuestOutput(output, comparison);
            var machine = new GuestMachine(program, bytes, guestOutput, Caches(arguments.GetRequiredValue(tlb)));
            guestOutput.Differed += difference => machine.Stop(new RunEnd(RunEndKind.Difference, difference));
            return Report(machine, guestOutput, comparison, arguments.GetValue(limit), error);
        });
        return root;
    }

    private static int Report(GuestMachine machine, GuestOutput output, LineComparison? comparison, long limit, TextWriter error)
    {
        var clock = Stopwatch.StartNew();
        RunEnd end = machine.Run(limit);
        double seconds = clock.Elapsed.TotalSeconds;
        string? difference = output.Finish();
        long steps = machine.State.Steps;
        error.WriteLine($"{Name}: {end.Message}");
        if (difference is not null && end.Kind != RunEndKind.Difference)
        {
            error.WriteLine($"{Name}: {difference}");
        }

        error.WriteLine($"{Name}: {steps:N0} instructions in {seconds:F2} s, {steps / seconds / 1e6:F1} million a second");
        if (end.Kind != RunEndKind.Exit || difference is not null)
        {
            return Failure;
        }

        if (comparison is not null)
        {
            error.WriteLine($"{Name}: {comparison.Lines:N0} lines as expected");
        }

        return Success;
    }

    private static TlbConfiguration Caches(string kind) => kind switch
    {
        "none" => TlbConfiguration.Coherent,
        "core-duo" => CpuModels.CoreDuo.Tlbs,
        "stale" => TlbConfiguration.MaximallyStale,
        _ => TlbConfiguration.Functional,
    };

    private static void Require(OptionResult result, Predicate<string> isLegal, string legal)
    {
        if (result.Tokens is [{ Value: string token }, ..] && !isLegal(token))
        {
            result.AddError($"{result.Option.Name} is '{token}', not {legal}.");
        }
    }

    private static int Refuse(TextWriter error, string message)
    {
        error.WriteLine($"{Name}: {message}");
        return UserError;
    }
}
