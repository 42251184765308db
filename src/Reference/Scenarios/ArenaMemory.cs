using System.Buffers.Binary;
using X86Pae.Reference.Specification;

namespace X86Pae.Reference.Scenarios;

/// <summary>The memory of a scenario twice: as the MMU has left it, and as the specification says it must be.</summary>
internal sealed class ArenaMemory
{
    private const int PageSize = 4096;

    private readonly byte[] _actual;
    private readonly IMmuAdapter _mmu;

    /// <summary>Starts with zeros on both sides.</summary>
    /// <param name="mmu">The first processor; its memory is everyone's.</param>
    /// <param name="sizeInBytes">Size of the memory, a multiple of 4096.</param>
    /// <param name="openBus">What a byte beyond its end reads as.</param>
    public ArenaMemory(IMmuAdapter mmu, int sizeInBytes, byte openBus)
    {
        _mmu = mmu;
        _actual = new byte[sizeInBytes];
        Specification = new SpecMemory(sizeInBytes, openBus);
    }

    /// <summary>Size in bytes.</summary>
    public ulong SizeInBytes => (ulong)_actual.Length;

    /// <summary>The specification's memory.</summary>
    public SpecMemory Specification { get; }

    /// <summary>Software stores an entry.</summary>
    public void Store(ulong address, int size, ulong value)
    {
        Specification.Store(address, size, value);
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        _mmu.WritePhysical(address, bytes[..size]);
    }

    /// <summary>Whether the MMU has set flags in an entry; beyond the end nothing can be set, and nothing is missing.</summary>
    public bool HasFlags(ulong address, byte flags)
    {
        if (address >= SizeInBytes)
        {
            return true;
        }

        byte entry = 0;
        _mmu.ReadPhysical(address, new Span<byte>(ref entry));
        return (entry & flags) == flags;
    }

    /// <summary>Takes over what the MMU has changed, provided that it was allowed to.</summary>
    /// <param name="allowed">Which bits may have been set.</param>
    /// <param name="data">Bytes that the access has written, to be taken over as they are.</param>
    /// <param name="rule">The rule that any other change breaks.</param>
    /// <returns>Whether anything has changed.</returns>
    /// <exception cref="ScenarioMismatchException">Something has changed that must not.</exception>
    public bool TakeOver(AllowedFlags allowed, DataRange data, Rule rule)
    {
        bool changed = false;
        for (int start = 0; start < _actual.Length; start += PageSize)
        {
            Span<byte> actual = _actual.AsSpan(start, PageSize);
            _mmu.ReadPhysical((ulong)start, actual);
            ReadOnlySpan<byte> expected = Specification.Page(start / PageSize);
            if (expected.SequenceEqual(actual))
            {
                continue;
            }

            changed = true;
            for (int offset = expected.CommonPrefixLength(actual); offset < PageSize; offset++)
            {
                byte before = Specification.Page(start / PageSize)[offset];
                if (before != actual[offset])
                {
                    TakeOver((ulong)(start + offset), before, actual[offset], allowed, data, rule);
                }
            }
        }

        return changed;
    }

    private void TakeOver(ulong address, byte before, byte after, AllowedFlags allowed, DataRange data, Rule rule)
    {
        if (!data.Contains(address) && !allowed.Allows(address, before, after))
        {
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(_actual.AsSpan((int)(address & ~7ul)));
            throw new ScenarioMismatchException(
                $"memory at {address & ~7ul:X}: specification {Specification.Load(address & ~7ul, 8):X16}, MMU {entry:X16}",
                rule);
        }

        Specification.Store(address, 1, after);
    }
}
