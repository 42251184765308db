namespace X86Pae.Bench.HotPaths;

/// <summary>Each address is known beforehand, so that accesses overlap.</summary>
internal readonly struct KnownAddresses : IAddressing
{
    /// <inheritdoc/>
    public uint Next(uint address, uint last) => address;
}
