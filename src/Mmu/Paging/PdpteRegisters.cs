// The four PDPTE registers. Intel SDM vol. 3, 4.4.1, table 4-8.
//
//   63            M  M-1                12  11  9  8    5   4   3   2  1   0
//  +---------------+---------------------+------+--------+---+---+------+---+
//  | reserved      | page directory      | avl  |reserved|PCD|PWT| rsvd | P |
//  +---------------+---------------------+------+--------+---+---+------+---+
//
//  No R/W, U/S, A, D or XD: bit 63 is reserved whatever EFER.NXE says.

using System.Runtime.CompilerServices;

namespace X86Pae.Paging;

/// <summary>The page-directory-pointer-table entries as latched by the last load; entry n maps linear GiB n.</summary>
[InlineArray(Count)]
public struct PdpteRegisters : IEquatable<PdpteRegisters>
{
    /// <summary>Number of registers.</summary>
    public const int Count = 4;

    /// <summary>Reserved bits below the address field: 2:1 and 8:5.</summary>
    internal const ulong ReservedLow = 0x1E6;

    private ulong _first;

    /// <summary>Whether two sets of registers are equal.</summary>
    /// <param name="left">One set.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(PdpteRegisters left, PdpteRegisters right) => left.Equals(right);

    /// <summary>Whether two sets of registers differ.</summary>
    /// <param name="left">One set.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(PdpteRegisters left, PdpteRegisters right) => !left.Equals(right);

    /// <inheritdoc/>
    public readonly bool Equals(PdpteRegisters other) =>
        ((ReadOnlySpan<ulong>)this).SequenceEqual(other);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is PdpteRegisters other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(this[0], this[1], this[2], this[3]);
}
