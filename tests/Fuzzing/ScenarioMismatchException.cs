namespace X86Pae.Fuzzing;

/// <summary>The library has done something in a scenario that the specification does not allow.</summary>
public sealed class ScenarioMismatchException : Exception
{
    public ScenarioMismatchException()
    {
    }

    public ScenarioMismatchException(string message)
        : base(message)
    {
    }

    public ScenarioMismatchException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
