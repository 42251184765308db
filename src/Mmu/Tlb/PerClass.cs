using System.Runtime.CompilerServices;

namespace X86Pae.Tlb;

/// <summary>One value for each class of access, found without a branch; see <see cref="Paging.Access"/>.</summary>
/// <typeparam name="T">The value.</typeparam>
[InlineArray(8)]
internal struct PerClass<T>
{
    private T _first;
}
