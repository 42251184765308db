namespace X86Pae.Cli;

/// <summary>What the process tells its caller.</summary>
internal static class ExitStatus
{
    /// <summary>Done; a check found no failure.</summary>
    public const int Success = 0;

    /// <summary>A check has failures.</summary>
    public const int ChecksFailed = 1;

    /// <summary>Bad arguments, unreadable input, or output that cannot be written.</summary>
    public const int UserError = 2;
}
