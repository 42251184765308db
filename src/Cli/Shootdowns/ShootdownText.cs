using System.Globalization;
using X86Pae.Smp;

namespace X86Pae.Cli.Shootdowns;

/// <summary>An experiment in words.</summary>
internal static class ShootdownText
{
    /// <summary>What is shot down, on which processors.</summary>
    /// <param name="settings">The settings.</param>
    public static string Title(ShootdownSettings settings)
    {
        string pages = settings.Pages switch
        {
            0 => "everything",
            1 => "one page",
            int n => $"{n} pages",
        };
        string times = settings.Count == 1
            ? string.Empty
            : $", mean of {settings.Count.ToString("N0", CultureInfo.InvariantCulture)} back to back";
        return $"shootdown of {pages}, {settings.Model.Name}{times}";
    }

    /// <summary>How it is carried out.</summary>
    /// <param name="settings">The settings.</param>
    public static string Describe(ShootdownSettings settings)
    {
        ShootdownOptions options = settings.Options;
        string text = $"delivery {Choices.Delivery.NameOf(options.Delivery)}, requests {Choices.Requests.NameOf(options.Requests)}, "
            + $"acknowledgement {Choices.Acknowledgement.NameOf(options.Acknowledgement)}, "
            + $"local flush {Choices.LocalFlush.NameOf(options.LocalFlush)}, "
            + $"targets in {(settings.TargetsInUserMode ? "user" : "kernel")} mode";
        text += options.SiblingThreads ? ", sibling threads in use" : string.Empty;
        text += options.ProcessorsPerPackage is { } count ? $", {count} CPUs in a package" : string.Empty;
        return settings.InterruptsOff == 0
            ? text
            : $"{text}, interrupts of the last target off for {settings.InterruptsOff} cycles";
    }
}
