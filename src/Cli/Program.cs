namespace X86Pae.Cli;

/// <summary>Entry point of the process: gives <see cref="PaeLab"/> the console.</summary>
internal static class Program
{
    private static int Main(string[] args) =>
        PaeLab.Run(args, Console.Out, Console.Error, showProgress: !Console.IsErrorRedirected);
}
