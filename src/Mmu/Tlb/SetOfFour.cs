// The usual set: four ways whose replacement state is the tree of TreePlru. It lies as SetLayout has it, at offsets that are
// constants, and fills a line of the host:
//
//   0                16       24            28          32                                64
//  +----------------+--------+-------------+-----------+---------------------------------+
//  | 4 tags         | tree   | full since  |           | 4 payloads                      |
//  +----------------+--------+-------------+-----------+---------------------------------+

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace X86Pae.Tlb;

/// <summary>A set of four ways under tree pseudo-LRU.</summary>
/// <param name="start">Its first byte.</param>
internal readonly unsafe struct SetOfFour(byte* start)
{
    /// <summary>Number of ways.</summary>
    public const int Ways = 4;

    /// <summary>Bytes of a set.</summary>
    public const int Size = 64;

    private const int TreeOffset = Ways * sizeof(uint);
    private const int FullSinceOffset = TreeOffset + sizeof(ulong);
    private const int PayloadOffset = Size / 2;

    /// <summary>The tags.</summary>
    public uint* Tags => (uint*)start;

    /// <summary>The state of replacement.</summary>
    public ulong* Tree => (ulong*)(start + TreeOffset);

    /// <summary>The generation that was the latest when no way was empty.</summary>
    public ref uint FullSince => ref *(uint*)(start + FullSinceOffset);

    /// <summary>The payloads.</summary>
    public ulong* Payloads => (ulong*)(start + PayloadOffset);

    /// <summary>Whether a layout is this one.</summary>
    /// <param name="layout">The layout.</param>
    public static bool Is(in SetLayout layout) =>
        layout is { Ways: Ways, StateOffset: TreeOffset, FullSinceOffset: FullSinceOffset, PayloadOffset: PayloadOffset, Size: Size };

    /// <summary>Looks a page up and marks its way as just used.</summary>
    /// <param name="page">Its number.</param>
    /// <param name="owner">Whose.</param>
    /// <param name="payload">What is kept for it; undefined if nothing is.</param>
    /// <returns>Whether it is held, and asked for.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // most of a lookup
    public bool TryUse(uint page, in OwnerTags owner, out ulong payload)
    {
        uint hits = owner.FindAsked(page, Vector128.Load(Tags));
        if (hits != 0)
        {
            nuint way = (nuint)BitOperations.TrailingZeroCount(hits);
            *Tree = TreePlru.TouchOfFour(*Tree, way);
            payload = Payloads[way];
            return true;
        }

        Unsafe.SkipInit(out payload);
        return false;
    }

    /// <summary>Selects the victim of a set without an empty way, and marks it as just used.</summary>
    /// <returns>Its way.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every fill
    public nuint UseVictim()
    {
        *Tree = TreePlru.UseVictimOfFour(*Tree, out nuint way);
        return way;
    }
}
