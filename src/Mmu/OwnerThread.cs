using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace X86Pae;

/// <summary>The one thread that an MMU belongs to: the first that uses it, until another takes it over.</summary>
/// <remarks>Checked in debug builds only; in others no call remains.</remarks>
internal struct OwnerThread
{
    private int _id; // 0 while nobody has used it

    /// <summary>Makes the calling thread the owner.</summary>
    public void TakeOver() => _id = Environment.CurrentManagedThreadId;

    /// <summary>Throws on a thread that is not the owner.</summary>
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
