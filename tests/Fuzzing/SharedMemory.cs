using System.Buffers.Binary;
using X86Pae.Memory;

namespace X86Pae.Fuzzing;

/// <summary>The arena twice, as the library's processors have left it and as the specification's must have.</summary>
internal sealed class SharedMemory
{
    private const int PageSize = 4096;

    private readonly byte[] _actual;
    private readonly RamBus _bus;

    /// <summary>Creates both, all zeros.</summary>
    /// <param name="library">The library's memory; it is cleared.</param>
    public SharedMemory(GuestMemory library)
    {
        _bus = new RamBus(library);
        _actual = new byte[library.SizeInBytes];
        for (int address = 0; address < _actual.Length; address += PageSize)
        {
            _bus.Write((ulong)address, _actual.AsSpan(address, PageSize));
        }

        Specification = new SpecMemory(_actual.Length, (byte)library.OpenBus);
    }

    public ulong SizeInBytes => (ulong)_actual.Length;

    /// <summary>The library's memory.</summary>
    public RamBus Library => _bus;

    /// <summary>The specification's memory.</summary>
    public SpecMemory Specification { get; }

    /// <summary>Software stores an entry.</summary>
    public void Store(ulong address, int size, ulong value)
    {
        Specification.Store(address, size, value);
        if (size == 8)
        {
            _bus.Store(address, value);
        }
        else
        {
            _bus.Store(address, (uint)value);
        }
    }

    /// <summary>Whether the library has bits set in an entry; beyond the end nothing can be set, and nothing is missing.</summary>
    public bool HasFlags(ulong address, byte flags) =>
        address >= SizeInBytes || (_bus.Load<byte>(address) & flags) == flags;

    /// <summary>Whether a byte of the library's memory has a value; beyond the end nothing is kept.</summary>
    public bool Holds(ulong address, byte value) =>
        address >= SizeInBytes || _bus.Load<byte>(address) == value;

    /// <summary>Takes over what the library has changed, provided that it was allowed to.</summary>
    /// <param name="allowed">Which bits may have been set.</param>
    /// <param name="data">Bytes that the access has written, to be taken over as they are.</param>
    /// <returns>Whether anything has changed.</returns>
    /// <exception cref="ScenarioMismatchException">Something has changed that must not.</exception>
    public bool TakeOver(AllowedFlags allowed, DataRange data)
    {
        bool changed = false;
        for (int start = 0; start < _actual.Length; start += PageSize)
        {
            Span<byte> actual = _actual.AsSpan(start, PageSize);
            _bus.Read((ulong)start, actual);
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
                    TakeOver((ulong)(start + offset), before, actual[offset], allowed, data);
                }
            }
        }

        return changed;
    }

    private void TakeOver(ulong address, byte before, byte after, AllowedFlags allowed, DataRange data)
    {
        if (!data.Contains(address) && !allowed.Allows(address, before, after))
        {
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(_actual.AsSpan((int)(address & ~7ul)));
            throw new ScenarioMismatchException(
                $"memory at {address & ~7ul:X}: specification {Specification.Load(address & ~7ul, 8):X16}, library {entry:X16}");
        }

        Specification.Store(address, 1, after);
    }
}
