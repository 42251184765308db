using System.Runtime.InteropServices;
using Iced.Intel;

namespace X86Pae.Samples.Processor.Fetching;

/// <summary>
/// A cache of decoded instructions. An entry is used only if the bytes in memory still equal those that were decoded, so nothing
/// has to be invalidated when the guest writes to its code or maps another page there.
/// </summary>
internal sealed class DecodedInstructions
{
    private const int EntryCount = 1 << 13;

    private static readonly UInt128[] LengthMasks = [.. Enumerable.Range(0, 17).Select(MaskOf)];

    private readonly Entry[] _entries = new Entry[EntryCount];

    /// <summary>The instruction in the entry for an address; valid after <see cref="Holds"/> or <see cref="Put"/> for it.</summary>
    public ref readonly Instruction this[uint eip] => ref _entries[eip % EntryCount].Instruction;

    /// <summary>Whether the entry holds the instruction at an address.</summary>
    /// <param name="eip">The address. It is compared because near branches are decoded to absolute targets.</param>
    /// <param name="bytes">The bytes in memory there.</param>
    public bool Holds(uint eip, UInt128 bytes)
    {
        ref readonly Entry entry = ref _entries[eip % EntryCount];
        return entry.Eip == eip && entry.Mask != 0 && (bytes & entry.Mask) == entry.Bytes;
    }

    /// <summary>Replaces the entry for an address.</summary>
    /// <param name="eip">The address.</param>
    /// <param name="bytes">The bytes in memory there.</param>
    /// <param name="instruction">The instruction to which they decode.</param>
    public void Put(uint eip, UInt128 bytes, in Instruction instruction)
    {
        UInt128 mask = LengthMasks[instruction.Length];
        _entries[eip % EntryCount] = new Entry(eip, mask, bytes & mask, instruction);
    }

    private static UInt128 MaskOf(int length) => length == 16 ? UInt128.MaxValue : (UInt128.One << (8 * length)) - 1;

    [StructLayout(LayoutKind.Auto)]
    private readonly struct Entry(uint eip, UInt128 mask, UInt128 bytes, in Instruction instruction)
    {
        public readonly uint Eip = eip;
        public readonly UInt128 Mask = mask;
        public readonly UInt128 Bytes = bytes;
        public readonly Instruction Instruction = instruction;
    }
}
