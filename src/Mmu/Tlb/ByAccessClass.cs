using System.Runtime.CompilerServices;
using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>Something for each class of access, found without a test.</summary>
/// <typeparam name="T">What.</typeparam>
[InlineArray(Count)]
internal struct ByAccessClass<T>
{
    /// <summary>Number of classes.</summary>
    public const int Count = 8;

    private T _first;

    /// <summary>Creates it.</summary>
    /// <param name="select">What belongs to an access.</param>
    public static ByAccessClass<T> Create(Func<Access, T> select)
    {
        var table = default(ByAccessClass<T>);
        for (int i = 0; i < Count; i++)
        {
            table[i] = select(Access.OfClass(i));
        }

        return table;
    }
}
