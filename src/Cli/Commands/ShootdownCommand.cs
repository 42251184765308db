using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using X86Pae.Cli.Input;
using X86Pae.Cli.Reporting;
using X86Pae.Cli.Runs;
using X86Pae.Lab.Shootdowns;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Cli.Commands;

/// <summary><c>paelab shootdown --cpus N..M</c>: what a shootdown costs against the number of targets.</summary>
internal static class ShootdownCommand
{
    private const long MaxCycles = 1_000_000_000;
    private const long MaxCount = 1_000_000_000;

    /// <summary>Creates the command.</summary>
    /// <param name="console">Where it writes.</param>
    public static Command Create(CommandConsole console)
    {
        var model = new ModelOption();
        var cpus = new Option<CpuRange>("--cpus")
        {
            HelpName = "N[..M]",
            Description = $"CPUs of the machine, the initiator included: one number or a range, 1 to {Machine.MaxProcessors}.",
            CustomParser = ParseCpus,
            DefaultValueFactory = _ => new CpuRange(1, 8),
        };
        var delivery = new ChoiceOption<IpiDelivery>("--delivery", Choice<IpiDelivery>.Of(ShootdownNames.Of), "How messages name their targets.");
        var requests = new ChoiceOption<RequestPassing>("--requests", Choice<RequestPassing>.Of(ShootdownNames.Of), "How targets learn what to do.");
        var acknowledgement = new ChoiceOption<Acknowledgement>(
            "--ack", Choice<Acknowledgement>.Of(ShootdownNames.Of), "How targets tell that they are done.");
        var local = new ChoiceOption<LocalFlush>("--local", Choice<LocalFlush>.Of(ShootdownNames.Of), "When the initiator flushes its own TLB.");
        Option<long> pages = Number("--pages", "N", "Pages dropped one by one; 0 drops everything.", 1, 0, ShootdownExperiment.MaxPages);
        Option<long> off = Number("--if-off", "CYCLES", "The last target has its interrupts off for so long.", 0, 0, MaxCycles);
        Option<long> count = Number("--count", "N", "Shootdowns on each machine, back to back; the figures are means.", 1, 1, MaxCount);
        var package = new Option<int?>("--per-package")
        {
            HelpName = "N",
            Description = "CPUs of a package; lines and messages to another one cost more. Without it, all are near.",
        };
        package.Validators.Add(result => RejectOutside(result, "--per-package", 1, Machine.MaxProcessors));
        var user = new Option<bool>("--user") { Description = "The targets run user mode, not the kernel." };
        Option<bool> siblings = SmtOption.Create();
        var json = new OutputOption("--json", "Write the figures to this file as well.");
        var svg = new OutputOption("--svg", "Draw the parts against the number of targets.");
        var command = new Command("shootdown", "Flushes a page on all CPUs and splits what that costs into its parts.")
        {
            cpus, delivery, requests, acknowledgement, local, pages, off, user, siblings, package, count, json, svg,
        };
        model.AddTo(command);
        command.SetAction(arguments =>
        {
            bool threads = arguments.GetValue(siblings);
            CpuModel processors = SmtOption.Checked(model.ModelOf(arguments), threads);
            int? inPackage = arguments.GetValue(package);
            if (threads && inPackage is not null && inPackage % 2 != 0)
            {
                throw new UserErrorException($"--per-package is {inPackage}: with --smt it is an even number");
            }

            CpuRange range = arguments.GetValue(cpus);
            if (range.Last == 1 && arguments.GetValue(off) > 0)
            {
                throw new UserErrorException($"--if-off is {arguments.GetValue(off)}: with --cpus 1 there is no target");
            }

            var settings = new ShootdownSettings(
                processors,
                new ShootdownOptions
                {
                    Delivery = delivery.ValueOf(arguments),
                    Requests = requests.ValueOf(arguments),
                    Acknowledgement = acknowledgement.ValueOf(arguments),
                    LocalFlush = local.ValueOf(arguments),
                    SiblingThreads = threads,
                    ProcessorsPerPackage = inPackage,
                })
            {
                Pages = (int)arguments.GetValue(pages),
                InterruptsOff = arguments.GetValue(off),
                TargetsInUserMode = arguments.GetValue(user),
                Count = arguments.GetValue(count),
            };
            return new ShootdownRun(console, settings).Run(
                Enumerable.Range(range.First, range.Last - range.First + 1), arguments.GetValue(json), arguments.GetValue(svg));
        });
        return command;
    }

    private static Option<long> Number(string name, string helpName, string description, long byDefault, long lowest, long highest)
    {
        var option = new Option<long>(name)
        {
            HelpName = helpName,
            Description = description,
            DefaultValueFactory = _ => byDefault,
        };
        option.Validators.Add(result => RejectOutside(result, name, lowest, highest));
        return option;
    }

    private static void RejectOutside(OptionResult result, string name, long lowest, long highest)
    {
        if (result.Tokens is [{ Value: var text }, ..]
            && (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
                || value < lowest || value > highest))
        {
            result.AddError($"{name} is '{text}', not a number from {lowest} to {highest}.");
        }
    }

    private static CpuRange ParseCpus(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (CpuRange.TryParse(text, out CpuRange range))
        {
            return range;
        }

        result.AddError(
            $"--cpus is '{text}', not a number from 1 to {Machine.MaxProcessors} or a range of such numbers, like 1..64.");
        return default;
    }
}
