namespace X86Pae.Memory;

/// <summary>What answers at a physical address.</summary>
public enum RegionKind : byte
{
    /// <summary>Nothing: reads give the open-bus byte, writes are ignored.</summary>
    Hole,

    /// <summary>RAM.</summary>
    Ram,

    /// <summary>ROM: writes are ignored.</summary>
    Rom,

    /// <summary>The registers of a device.</summary>
    Mmio,
}
