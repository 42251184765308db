namespace X86Pae.Reference.Scenarios;

/// <summary>The MMU has done something in a scenario that the specification does not allow.</summary>
/// <param name="message">What was expected, and what came.</param>
/// <param name="rule">The rule that it breaks, where one can be told.</param>
internal sealed class ScenarioMismatchException(string message, Rule? rule = null) : Exception(message)
{
    /// <summary>The rule, or null.</summary>
    public Rule? Rule => rule;

    /// <summary>Throws unless two values are equal.</summary>
    /// <exception cref="ScenarioMismatchException">They differ.</exception>
    public static void ThrowUnlessEqual<T>(T expected, T actual, string what, Rule? rule)
        where T : struct
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new ScenarioMismatchException($"{what}: specification {expected:X}, MMU {actual:X}", rule);
        }
    }
}
