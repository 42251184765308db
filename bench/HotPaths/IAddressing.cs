namespace X86Pae.Bench.HotPaths;

/// <summary>How the addresses of a loop come about; a struct, so that each loop is compiled for its own.</summary>
internal interface IAddressing
{
    /// <summary>The next address.</summary>
    /// <param name="address">As it stands in the stream.</param>
    /// <param name="last">What the last access gave.</param>
    uint Next(uint address, uint last);
}
