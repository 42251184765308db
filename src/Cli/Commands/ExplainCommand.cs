using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using X86Pae.Cli.Input;
using X86Pae.Cli.Reporting;
using X86Pae.Cli.Snapshots;
using X86Pae.Explaining;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Cli.Commands;

/// <summary><c>paelab explain --snapshot DIR --cpu N LINEAR</c>: why an address translates, or why not.</summary>
internal static class ExplainCommand
{
    /// <summary>Creates the command.</summary>
    /// <param name="console">Where it writes.</param>
    public static Command Create(CommandConsole console)
    {
        var snapshot = new InputOption("--snapshot", "DIR", "Snapshot: a directory with machine.json and pages.bin.gz.")
        {
            Required = true,
        };
        var cpu = new Option<int>("--cpu")
        {
            HelpName = "N",
            Description = "Number of the processor in machine.json.",
            Required = true,
            CustomParser = ParseNumber,
        };
        var linear = new Argument<uint>("LINEAR")
        {
            Description = "Linear address, hexadecimal with or without 0x.",
            CustomParser = ParseAddress,
        };
        var access = new ChoiceOption<AccessKind>(
            "--access",
            new(("r", AccessKind.Read), ("w", AccessKind.Write), ("x", AccessKind.Fetch)),
            "What is done: read, write, or fetch of an instruction.");
        var user = new Option<bool>("--user") { Description = "Access as a user, at CPL 3; without it, as the supervisor." };
        var command = new Command("explain", "Shows each step of a translation, and the rule behind a page fault.")
        {
            snapshot,
            cpu,
            linear,
            access,
            user,
        };
        command.SetAction(arguments =>
        {
            Snapshot recorded = Snapshot.Load(arguments.GetRequiredValue(snapshot)!);
            ControlRegisters registers = recorded.Boot(Find(recorded, arguments.GetValue(cpu)));
            AccessMode mode = arguments.GetValue(user) ? AccessMode.User : AccessMode.Supervisor;
            var bus = new RamBus(recorded.Memory);
            WalkExplanation explanation = WalkExplainer.Explain(
                ref bus, registers, arguments.GetValue(linear), new Access(access.ValueOf(arguments), mode));
            console.Output.WriteLine(explanation.ToString());
            return ExitStatus.Success;
        });
        return command;
    }

    private static RecordedCpu Find(Snapshot snapshot, int number) =>
        snapshot.Machine.Cpus.FirstOrDefault(cpu => cpu.Number == number)
        ?? throw new UserErrorException(
            $"{snapshot.MachineFile}: there is no cpu {number}; there are: "
            + string.Join(", ", snapshot.Machine.Cpus.Select(cpu => cpu.Number)));

    private static int ParseNumber(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            result.AddError($"--cpu is '{text}', not the number of a processor.");
        }

        return number;
    }

    private static uint ParseAddress(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        ReadOnlySpan<char> digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text;
        if (!uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint address))
        {
            result.AddError($"LINEAR is '{text}', not a hexadecimal address from 0 to ffffffff.");
        }

        return address;
    }
}
