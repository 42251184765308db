namespace X86Pae.Kmap.Strategies;

/// <summary>What a request to map a page returns.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Address">Linear address of the page's first byte; 0 unless it is mapped.</param>
public readonly record struct MapOutcome(MapStatus Status, uint Address)
{
    /// <summary>A page that is mapped.</summary>
    /// <param name="address">Linear address of its first byte.</param>
    internal static MapOutcome At(uint address) => new(MapStatus.Mapped, address);

    /// <summary>A request that could not be served.</summary>
    /// <param name="status">Why.</param>
    internal static MapOutcome Failed(MapStatus status) => new(status, 0);
}
