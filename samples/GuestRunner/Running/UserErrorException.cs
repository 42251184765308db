namespace X86Pae.GuestRunner.Running;

/// <summary>A mistake of the user's: the message is all that is shown, and the exit status is 2.</summary>
internal sealed class UserErrorException(string message) : Exception(message);
