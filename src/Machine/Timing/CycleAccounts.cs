using System.Runtime.CompilerServices;

namespace X86Pae.Timing;

/// <summary>Cycles by account; index with <see cref="CycleAccount"/>.</summary>
[InlineArray(Count)]
public struct CycleAccounts : IEquatable<CycleAccounts>
{
    /// <summary>Number of accounts.</summary>
    public const int Count = 7;

    private long _first;

    /// <summary>Cycles of one account.</summary>
    /// <param name="account">The account.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="account"/> is not defined.</exception>
    public long this[CycleAccount account]
    {
        readonly get => ((ReadOnlySpan<long>)this)[Index(account)];
        set => ((Span<long>)this)[Index(account)] = value;
    }

    /// <summary>Whether two sets of accounts are equal.</summary>
    /// <param name="left">One set.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(CycleAccounts left, CycleAccounts right) => left.Equals(right);

    /// <summary>Whether two sets of accounts differ.</summary>
    /// <param name="left">One set.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(CycleAccounts left, CycleAccounts right) => !left.Equals(right);

    /// <summary>Adds another processor's accounts to these.</summary>
    /// <param name="other">The other accounts.</param>
    public void Add(CycleAccounts other)
    {
        for (int i = 0; i < Count; i++)
        {
            this[i] += other[i];
        }
    }

    private static int Index(CycleAccount account) => (uint)account < Count
        ? (int)account
        : throw new ArgumentOutOfRangeException(nameof(account), account, "No account of that number.");

    /// <inheritdoc/>
    public readonly bool Equals(CycleAccounts other) => ((ReadOnlySpan<long>)this).SequenceEqual(other);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is CycleAccounts other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (long cycles in this)
        {
            hash.Add(cycles);
        }

        return hash.ToHashCode();
    }
}
