// What is done within one set: where its parts are, which way holds a page, and which makes room.

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace X86Pae.Tlb;

/// <content>Within one set.</content>
internal sealed unsafe partial class TranslationArray
{
    private static uint* TagsOf(byte* set) => (uint*)set;

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a multiplication
    private byte* SetAt(int index) => _sets + (index * _layout.Size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a hash with nothing where the index is linear: better than a branch
    private int IndexOf(uint page) => (int)((page ^ (page >> _hashShift)) & _setMask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the two above
    private byte* SetOf(uint page) => SetAt(IndexOf(page));

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // an addition
    private ulong* StateOf(byte* set) => (ulong*)(set + _layout.StateOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // an addition
    private ref uint FullSinceOf(byte* set) => ref *(uint*)(set + _layout.FullSinceOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // an addition
    private ulong* PayloadsOf(byte* set) => (ulong*)(set + _layout.PayloadOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a multiplication
    private uint* StampsOf(int index) => _stamps + (index * _layout.Ways);

    private static Vector128<uint> Match(Vector128<uint> tags, uint local, uint global) =>
        Vector128.Equals(tags, Vector128.Create(local)) | Vector128.Equals(tags, Vector128.Create(global));

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // three vector instructions
    private static uint CompareEight(uint* tags, uint local, uint global)
    {
        Vector256<uint> eight = Vector256.Load(tags);
        return (Vector256.Equals(eight, Vector256.Create(local)) | Vector256.Equals(eight, Vector256.Create(global)))
            .ExtractMostSignificantBits();
    }

    private static int LowestOrNegative(uint hits) => hits == 0 ? -1 : BitOperations.TrailingZeroCount(hits);

    /// <summary>The way of a set that holds a page, or a negative number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the inner step of lookups
    private int FindWay(byte* set, uint page, Generations owner)
    {
        uint local = page | owner.Local;
        uint global = page | owner.Global;
        return _index is null ? CompareWays(TagsOf(set), local, global) : FindByIndex(_index, TagsOf(set), page, local, global);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the inner step of lookups
    private int CompareWays(uint* tags, uint local, uint global) => _layout.Stride switch
    {
        4 => LowestOrNegative(Match(Vector128.Load(tags), local, global).ExtractMostSignificantBits()),
        1 => *tags == local || *tags == global ? 0 : -1,
        8 => LowestOrNegative(CompareEight(tags, local, global)),
        16 => LowestOrNegative(CompareEight(tags, local, global) | (CompareEight(tags + 8, local, global) << 8)),
        _ => SearchSet(tags, local, global),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the guess is nearly always right
    private int FindByIndex(PageIndex index, uint* tags, uint page, uint local, uint global)
    {
        if (!index.MayHold(page, out int way))
        {
            return -1;
        }

        if (tags[way] == local || tags[way] == global)
        {
            return way;
        }

        way = SearchSet(tags, local, global);
        if (way >= 0)
        {
            index.Found(page, way);
        }

        return way;
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // seldom, where there is an index
    private int SearchSet(uint* tags, uint local, uint global)
    {
        for (int way = 0; way < _layout.Stride; way += Vector256<uint>.Count)
        {
            uint hits = CompareEight(tags + way, local, global);
            if (hits != 0)
            {
                return way + BitOperations.TrailingZeroCount(hits);
            }
        }

        return -1;
    }

    /// <summary>The lowest way of a set that is empty, or the one that the policy names.</summary>
    private int FindRoom(byte* set)
    {
        if (FullSinceOf(set) != _space.Latest)
        {
            int empty = FindEmptyWay(set);
            if (empty >= 0)
            {
                return empty;
            }
        }

        return _policy.Victim(StateOf(set));
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // once until a flush or a removal
    private int FindEmptyWay(byte* set)
    {
        // Four ways at a time: the narrowest set has 16 bytes.
        for (int way = 0; way < _layout.Ways; way += Vector128<uint>.Count)
        {
            Vector128<uint> generations = Vector128.Load(TagsOf(set) + way) & Vector128.Create(_generationMask);
            Vector128<uint> counting = default;
            foreach (uint current in _space.Current)
            {
                counting |= Vector128.Equals(generations, Vector128.Create(current));
            }

            int empty = way + BitOperations.TrailingZeroCount(~counting.ExtractMostSignificantBits());
            if (empty < Math.Min(way + Vector128<uint>.Count, _layout.Ways))
            {
                return empty;
            }
        }

        FullSinceOf(set) = _space.Latest;
        return -1;
    }

    private void Store(int index, int way, uint tag, ulong payload, uint stamp)
    {
        byte* set = SetAt(index);
        Unindex(TagsOf(set)[way]);
        TagsOf(set)[way] = tag;
        PayloadsOf(set)[way] = payload;
        if (_stamps != null)
        {
            StampsOf(index)[way] = stamp;
        }

        _policy.Fill(StateOf(set), way);
        _index?.Stored(tag & ~_generationMask, way);
    }

    private void Clear(byte* set, int way)
    {
        Unindex(TagsOf(set)[way]);
        TagsOf(set)[way] = 0;
        FullSinceOf(set) = 0;
    }

    /// <summary>Takes a tag that is about to change out of the index.</summary>
    private void Unindex(uint tag)
    {
        if (_index is not null && tag != 0)
        {
            _index.Lost(tag & ~_generationMask);
        }
    }
}
