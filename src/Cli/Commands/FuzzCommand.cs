using System.CommandLine;
using X86Pae.Cli.Runs;
using X86Pae.Cli.Reporting;

namespace X86Pae.Cli.Commands;

/// <summary><c>paelab fuzz --seed S --cases N</c>: random scenarios against the executable specification.</summary>
internal static class FuzzCommand
{
    private const ulong DefaultSeed = 1;
    private const long DefaultCases = 1_000_000;

    /// <summary>Creates the command.</summary>
    /// <param name="console">Where it writes.</param>
    public static Command Create(CommandConsole console)
    {
        var seed = new Option<ulong>("--seed")
        {
            HelpName = "S",
            Description = "Start of the random sequence; the same seed and number of cases make the same run.",
            DefaultValueFactory = _ => DefaultSeed,
        };
        var cases = new Option<long>("--cases")
        {
            HelpName = "N",
            Description = "Number of accesses, register writes and invalidations to compare.",
            DefaultValueFactory = _ => DefaultCases,
        };
        cases.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string token }, ..] && !(long.TryParse(token, out long count) && count > 0))
            {
                result.AddError($"--cases is '{token}', not a number from 1 on.");
            }
        });
        seed.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string token }, ..] && !ulong.TryParse(token, out _))
            {
                result.AddError($"--seed is '{token}', not a number from 0 to 18446744073709551615.");
            }
        });
        var command = new Command(
            "fuzz",
            "Edits tables, writes registers, invalidates and accesses at random, under every cache policy, and compares each "
                + "result with those that an executable specification permits.")
        {
            seed,
            cases,
        };
        command.SetAction(arguments =>
        {
            var check = new FuzzCheck(new CheckReport(console), console.Progress);
            return check.Run(arguments.GetRequiredValue(seed), arguments.GetRequiredValue(cases));
        });
        return command;
    }
}
