using System.Numerics;
using X86Pae.Memory;

namespace X86Pae.GuestRunner.Accesses;

/// <summary>An operation as the library's read-modify-write wants it: on a value of the operand's own width.</summary>
/// <typeparam name="T">byte, ushort or uint.</typeparam>
/// <typeparam name="TOperation">The operation.</typeparam>
/// <param name="operation">The operation; it comes back changed.</param>
internal struct SizedUpdate<T, TOperation>(TOperation operation) : IMemoryUpdate<T>
    where T : unmanaged, IBinaryInteger<T>
    where TOperation : struct, IOperation
{
    public TOperation Operation = operation;

    public T Apply(T value) => T.CreateTruncating(Operation.Apply(uint.CreateTruncating(value)));
}
