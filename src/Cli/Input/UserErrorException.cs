namespace X86Pae.Cli.Input;

/// <summary>A mistake of the user's: the message is all that is shown, and the exit status is 2.</summary>
internal sealed class UserErrorException : Exception
{
    /// <summary>Reports a mistake.</summary>
    /// <param name="message">Names the file, and the line where there is one, or the option; one line.</param>
    /// <param name="innerException">What brought it to light, if that was an exception.</param>
    public UserErrorException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
