using System.Numerics;
using X86Pae.Memory;

namespace X86Pae.Fuzzing;

/// <summary>A read-modify-write that flips bits.</summary>
internal readonly struct XorUpdate<T>(T bits) : IMemoryUpdate<T>
    where T : unmanaged, IBitwiseOperators<T, T, T>
{
    public T Apply(T value) => value ^ bits;
}
