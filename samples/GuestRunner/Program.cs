namespace X86Pae.GuestRunner;

/// <summary>Entry point of the process.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        using Stream output = Console.OpenStandardOutput();
        return Running.RunCommand.Run(args, output, Console.Error);
    }
}
