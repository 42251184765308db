using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace X86Pae;

/// <summary>The thread that an MMU belongs to: the first that uses it, until another one takes it over.</summary>
/// <remarks>Debug builds check it. Release builds contain no call of <see cref="Check"/>.</remarks>
internal struct OwnerThread
{
    private int _id; // 0 while no thread has used the MMU

    /// <summary>Makes the calling thread the owner.</summary>
    public void TakeOver() => _id = Environment.CurrentManagedThreadId;

    /// <summary>Throws if the calling thread is not the owner; makes it the owner if there is none.</summary>
    /// <exception cref="InvalidOperationException">The MMU belongs to another thread.</exception>
    [Conditional("DEBUG")]
    public void Check()
    {
        int current = Environment.CurrentManagedThreadId;
        int owner = Interlocked.CompareExchange(ref _id, current, 0);
        if (owner != 0 && owner != current)
        {
            Throw(owner, current);
        }
    }

    [DoesNotReturn]
    private static void Throw(int owner, int current) => throw new InvalidOperationException(
        $"This MMU belongs to thread {owner} and was used by thread {current}. Other threads ask for invalidations through its "
        + "InvalidationMailbox; a thread that is to use it from now on calls TakeOver first.");
}
