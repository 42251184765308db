namespace X86Pae.Bench.HotPaths;

/// <summary>Each address waits for what the last access gave.</summary>
/// <param name="zero">0, but not to the JIT; see <see cref="AddressStream.Zero"/>.</param>
internal readonly struct ChainedAddresses(uint zero) : IAddressing
{
    /// <inheritdoc/>
    public uint Next(uint address, uint last) => address ^ (last & zero);
}
