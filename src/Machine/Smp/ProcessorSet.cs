using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace X86Pae.Smp;

/// <summary>A set of processors of one machine, by number; a value of 128 bytes (cpumask).</summary>
public struct ProcessorSet : IEquatable<ProcessorSet>
{
    /// <summary>Processors that one word of the set stands for.</summary>
    internal const int BitsPerWord = 64;

    private const int Words = Machine.MaxProcessors / BitsPerWord;

    private WordArray _words;

    /// <summary>Number of processors in the set.</summary>
    public readonly int Count
    {
        get
        {
            int count = 0;
            foreach (ulong word in _words)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    /// <summary>Processors 0 to <paramref name="count"/> - 1.</summary>
    /// <param name="count">How many, 0 to <see cref="Machine.MaxProcessors"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is out of range.</exception>
    public static ProcessorSet First(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Machine.MaxProcessors);
        ProcessorSet set = default;
        for (int word = 0; word * BitsPerWord < count; word++)
        {
            int bits = Math.Min(BitsPerWord, count - (word * BitsPerWord));
            set._words[word] = ulong.MaxValue >> (BitsPerWord - bits);
        }

        return set;
    }

    /// <summary>A set of the processors listed.</summary>
    /// <param name="processors">Their numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static ProcessorSet Of(params ReadOnlySpan<int> processors)
    {
        ProcessorSet set = default;
        foreach (int processor in processors)
        {
            set.Add(processor);
        }

        return set;
    }

    /// <summary>Whether two sets have the same members.</summary>
    /// <param name="left">One set.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(in ProcessorSet left, in ProcessorSet right) => left.Equals(right);

    /// <summary>Whether two sets differ.</summary>
    /// <param name="left">One set.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(in ProcessorSet left, in ProcessorSet right) => !left.Equals(right);

    /// <summary>Adds a processor.</summary>
    /// <param name="processor">Its number.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public void Add(int processor) => WordOf(processor) |= 1UL << processor;

    /// <summary>Removes a processor.</summary>
    /// <param name="processor">Its number.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public void Remove(int processor) => WordOf(processor) &= ~(1UL << processor);

    /// <summary>Whether a processor is in the set.</summary>
    /// <param name="processor">Its number, 0 to <see cref="Machine.MaxProcessors"/> - 1.</param>
    public readonly bool Contains(int processor) => (_words[processor / BitsPerWord] >> processor & 1) != 0;

    /// <summary>The processors that are in both sets.</summary>
    /// <param name="other">The other set.</param>
    public readonly ProcessorSet Intersect(in ProcessorSet other)
    {
        ProcessorSet both = this;
        for (int i = 0; i < Words; i++)
        {
            both._words[i] &= other._words[i];
        }

        return both;
    }

    /// <summary>Part of the set, a bit for each processor.</summary>
    /// <param name="place">Which part: processors from 64 times this number on.</param>
    internal readonly ulong WordAt(int place) => _words[place];

    /// <summary>The lowest member from a number on.</summary>
    /// <param name="from">Where to begin, 0 or more.</param>
    /// <returns>Its number, or <see cref="Machine.MaxProcessors"/> if there is none.</returns>
    public readonly int NextFrom(int from)
    {
        int index = from / BitsPerWord;
        if (index >= Words)
        {
            return Machine.MaxProcessors;
        }

        ulong word = _words[index] & (ulong.MaxValue << from);
        while (word == 0)
        {
            if (++index == Words)
            {
                return Machine.MaxProcessors;
            }

            word = _words[index];
        }

        return (index * BitsPerWord) + BitOperations.TrailingZeroCount(word);
    }

    /// <inheritdoc/>
    public readonly bool Equals(ProcessorSet other) => ((ReadOnlySpan<ulong>)_words).SequenceEqual(other._words);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is ProcessorSet other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode()
    {
        HashCode hash = default;
        foreach (ulong word in _words)
        {
            hash.Add(word);
        }

        return hash.ToHashCode();
    }

    [UnscopedRef]
    private ref ulong WordOf(int processor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(processor);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(processor, Machine.MaxProcessors);
        return ref _words[processor / BitsPerWord];
    }

    [InlineArray(Words)]
    private struct WordArray
    {
        private ulong _first;
    }
}
