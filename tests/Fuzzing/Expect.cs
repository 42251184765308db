namespace X86Pae.Fuzzing;

/// <summary>Comparison of the two sides.</summary>
internal static class Expect
{
    /// <exception cref="ScenarioMismatchException">They differ.</exception>
    public static void Equal<T>(T expected, T actual, string what)
        where T : struct
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new ScenarioMismatchException($"{what}: specification {expected:X}, library {actual:X}");
        }
    }
}
