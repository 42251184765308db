using System.CommandLine;
using X86Pae.Cli.Input;
using X86Pae.Timing;

namespace X86Pae.Cli.Commands;

/// <summary>The option <c>--smt</c>: both threads of each core are in use.</summary>
internal static class SmtOption
{
    /// <summary>Creates the option; it is off by default.</summary>
    public static Option<bool> Create() => new("--smt")
    {
        Description = "CPUs 2n and 2n + 1 are threads of one core: they share caches and what the model says of its TLBs.",
    };

    /// <summary>Refuses the option for a processor without SMT.</summary>
    /// <param name="model">The processor.</param>
    /// <param name="isOn">Whether the option was given.</param>
    /// <returns>The processor.</returns>
    /// <exception cref="UserErrorException">Its cores have one thread.</exception>
    public static CpuModel Checked(CpuModel model, bool isOn) => !isOn || model.HasSiblings()
        ? model
        : throw new UserErrorException($"--smt: a core of {model.Name} has one thread (threadsPerCore)");
}
