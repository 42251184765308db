using System.Numerics;
using X86Pae.Memory;

namespace X86Pae.Samples.Processor.Accesses;

/// <summary>The function by which an instruction computes its destination, a register or memory of any width.</summary>
/// <remarks>
/// It is a struct: its fields carry the other operands in, and the flags and the old value out. It must not touch the processor,
/// because its results count only if the access does not fault.
/// </remarks>
internal interface IOperation
{
    /// <summary>Computes the new value.</summary>
    /// <param name="value">The old value, extended with zeros.</param>
    uint Apply(uint value);
}

/// <summary>Adapts an operation to the read-modify-write of the MMU, which works on values of the operand's own width.</summary>
/// <typeparam name="T">byte, ushort or uint.</typeparam>
/// <typeparam name="TOperation">The operation.</typeparam>
/// <param name="operation">The operation; the field holds it afterwards, with its results.</param>
internal struct SizedUpdate<T, TOperation>(TOperation operation) : IMemoryUpdate<T>
    where T : unmanaged, IBinaryInteger<T>
    where TOperation : struct, IOperation
{
    public TOperation Operation = operation;

    public T Apply(T value) => T.CreateTruncating(Operation.Apply(uint.CreateTruncating(value)));
}
