namespace X86Pae.Memory;

/// <summary>One entry of a <see cref="PhysicalMap"/>.</summary>
/// <param name="Kind">RAM, ROM or MMIO; a hole is where no entry is.</param>
/// <param name="Start">Physical byte address, a multiple of 4096.</param>
/// <param name="SizeInBytes">A multiple of 4096, not 0.</param>
/// <param name="Contents">All bytes of a ROM; null otherwise.</param>
/// <param name="Device">The device of an MMIO region; null otherwise.</param>
internal readonly record struct PhysicalRegion(
    RegionKind Kind, ulong Start, ulong SizeInBytes, byte[]? Contents = null, IMmioDevice? Device = null)
{
    /// <summary>First byte address behind the region.</summary>
    public ulong End => Start + SizeInBytes;

    /// <summary>Whether two regions have a byte in common.</summary>
    public bool Overlaps(in PhysicalRegion other) => Start < other.End && other.Start < End;

    /// <summary>Kind and both ends, for messages.</summary>
    public override string ToString()
    {
        string kind = Kind switch
        {
            RegionKind.Ram => "RAM",
            RegionKind.Rom => "ROM",
            _ => "MMIO",
        };
        return $"{kind} {Start:X8}h-{End - 1:X8}h";
    }
}
