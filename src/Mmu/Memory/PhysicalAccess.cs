using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace X86Pae.Memory;

/// <summary>
/// Checks of the arguments of a bus: an operand lies within one 4-KiB page, an entry at a multiple of its size.
/// </summary>
internal static class PhysicalAccess
{
    private const int PageSize = 4096;

    /// <summary>Refuses an operand that reaches into the next page.</summary>
    /// <param name="address">Physical byte address.</param>
    /// <param name="length">Number of bytes.</param>
    /// <param name="parameter">Name of the caller's parameter, for the exception.</param>
    /// <exception cref="ArgumentException">The operand does not lie within one page.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // one compare before each store
    public static void ThrowIfCrossing(ulong address, int length, string parameter)
    {
        if (length > PageSize - (int)(address % PageSize))
        {
            ThrowCrossing(address, length, parameter);
        }
    }

    /// <summary>Refuses a misplaced page-table entry.</summary>
    /// <param name="address">Physical byte address.</param>
    /// <param name="size">Size of the entry in bytes, a power of two.</param>
    /// <exception cref="ArgumentException"><paramref name="address"/> is not a multiple of <paramref name="size"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // one test before each locked update
    public static void ThrowIfMisaligned(ulong address, int size)
    {
        if ((address & (ulong)(size - 1)) != 0)
        {
            ThrowMisaligned(address, size);
        }
    }

    [DoesNotReturn]
    private static void ThrowCrossing(ulong address, int length, string parameter) =>
        throw new ArgumentException($"{length} bytes at {address:X}h do not lie within one 4-KiB page.", parameter);

    [DoesNotReturn]
    private static void ThrowMisaligned(ulong address, int size) =>
        throw new ArgumentException($"An entry of {size} bytes does not lie at {address:X}h.", nameof(address));
}
