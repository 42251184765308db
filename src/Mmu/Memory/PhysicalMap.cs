// The layout of a physical address space. Example: a PC with 4 GiB of RAM, 1 GiB of it above the addresses of the devices.
//
//   000000000h-0BFFFFFFFh  RAM   3 GiB
//   0000A0000h-0000BFFFFh  MMIO  video memory, shadows RAM
//   0000E0000h-0000FFFFFh  ROM   firmware, shadows RAM
//   0C0000000h-0FEBFFFFFh  hole
//   0FEC00000h-0FEC00FFFh  MMIO  I/O APIC
//   100000000h-13FFFFFFFh  RAM   1 GiB
//
//   ROM and MMIO shadow RAM; they must not overlap each other. What is none of the three is a hole.

namespace X86Pae.Memory;

/// <summary>The description of a physical address space from which a <see cref="SystemBus"/> is made.</summary>
/// <remarks>
/// All regions are whole 4-KiB pages, so that an access within a page meets one region. The calls may come in any order. A bus
/// copies the description: a later addition is seen only by buses made after it. The map itself is for one thread.
/// </remarks>
public sealed class PhysicalMap
{
    /// <summary>2^52, the end of the physical addresses that an x86 processor can form.</summary>
    public const ulong AddressLimit = 1UL << 52;

    private const ulong PageSize = 4096;

    private readonly List<PhysicalRegion> _ram = [];
    private readonly List<PhysicalRegion> _regions = [];

    /// <summary>Creates the description of an address space that is one hole.</summary>
    /// <param name="memory">
    /// The memory behind the RAM ranges, at the same addresses; a page that no range uses takes no host memory. Holes read as its
    /// open-bus value.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="memory"/> is null.</exception>
    public PhysicalMap(GuestMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        Memory = memory;
    }

    /// <summary>The memory behind the RAM ranges.</summary>
    public GuestMemory Memory { get; }

    /// <summary>ROM and MMIO regions.</summary>
    internal IReadOnlyList<PhysicalRegion> Regions => _regions;

    /// <summary>RAM ranges.</summary>
    internal IReadOnlyList<PhysicalRegion> Ram => _ram;

    /// <summary>Makes all of <see cref="Memory"/> RAM, from address 0 on.</summary>
    /// <returns>This map.</returns>
    /// <exception cref="InvalidOperationException">The map has RAM already.</exception>
    public PhysicalMap AddRam() => _ram.Count == 0
        ? AddRam(0, Memory.SizeInBytes)
        : throw new InvalidOperationException($"The map has {_ram[0]} already.");

    /// <summary>Adds a range of RAM.</summary>
    /// <param name="address">Physical byte address, a multiple of 4096; also the address within <see cref="Memory"/>.</param>
    /// <param name="sizeInBytes">A multiple of 4096, not 0; the range must lie within <see cref="Memory"/>.</param>
    /// <returns>This map.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is not a multiple of 4096, 0, or beyond the memory.</exception>
    /// <exception cref="ArgumentException">The range overlaps another one.</exception>
    public PhysicalMap AddRam(ulong address, ulong sizeInBytes)
    {
        ThrowIfMisplaced(address, sizeInBytes, nameof(sizeInBytes), Memory.SizeInBytes);
        Add(_ram, new PhysicalRegion(RegionKind.Ram, address, sizeInBytes), nameof(address));
        return this;
    }

    /// <summary>Adds a ROM. RAM at the same addresses is shadowed: accesses do not reach it.</summary>
    /// <param name="address">Physical byte address, a multiple of 4096.</param>
    /// <param name="contents">Its bytes, a multiple of 4096 of them; they are copied.</param>
    /// <returns>This map.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An argument is not a multiple of 4096, empty, or ends above <see cref="AddressLimit"/>.
    /// </exception>
    /// <exception cref="ArgumentException">The region overlaps another ROM or MMIO region.</exception>
    public PhysicalMap AddRom(ulong address, ReadOnlySpan<byte> contents)
    {
        ThrowIfMisplaced(address, (ulong)contents.Length, nameof(contents), AddressLimit);
        var region = new PhysicalRegion(RegionKind.Rom, address, (ulong)contents.Length, Contents: contents.ToArray());
        Add(_regions, region, nameof(address));
        return this;
    }

    /// <summary>Adds the registers of a device. RAM at the same addresses is shadowed: accesses do not reach it.</summary>
    /// <param name="address">Physical byte address, a multiple of 4096.</param>
    /// <param name="sizeInBytes">A multiple of 4096, not 0.</param>
    /// <param name="device">
    /// The device. Its accesses are told as offsets in the region; if it has several regions, it cannot tell them apart.
    /// </param>
    /// <returns>This map.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="device"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An argument is not a multiple of 4096, 0, or the region ends above <see cref="AddressLimit"/>.
    /// </exception>
    /// <exception cref="ArgumentException">The region overlaps another ROM or MMIO region.</exception>
    public PhysicalMap AddMmio(ulong address, ulong sizeInBytes, IMmioDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        ThrowIfMisplaced(address, sizeInBytes, nameof(sizeInBytes), AddressLimit);
        Add(_regions, new PhysicalRegion(RegionKind.Mmio, address, sizeInBytes, Device: device), nameof(address));
        return this;
    }

    private static void Add(List<PhysicalRegion> regions, PhysicalRegion added, string addressParameter)
    {
        foreach (PhysicalRegion region in regions)
        {
            if (region.Overlaps(in added))
            {
                throw new ArgumentException($"{added} overlaps {region}.", addressParameter);
            }
        }

        regions.Add(added);
    }

    private static void ThrowIfMisplaced(ulong address, ulong size, string sizeParameter, ulong limit)
    {
        if (address % PageSize != 0 || address >= limit)
        {
            throw new ArgumentOutOfRangeException(
                nameof(address), $"A region starts at a multiple of 4096 below {limit:X}h, not at {address:X}h.");
        }

        if (size == 0 || size % PageSize != 0)
        {
            throw new ArgumentOutOfRangeException(sizeParameter, $"A region has whole 4-KiB pages, not {size} bytes.");
        }

        if (size > limit - address)
        {
            throw new ArgumentOutOfRangeException(
                sizeParameter, $"A region of {size:X}h bytes at {address:X}h does not end at {limit:X}h or below.");
        }
    }
}

/// <summary>One entry of a <see cref="PhysicalMap"/>.</summary>
/// <param name="Kind">RAM, ROM or MMIO; a hole is where no entry is.</param>
/// <param name="Start">Physical byte address, a multiple of 4096.</param>
/// <param name="SizeInBytes">A multiple of 4096, not 0.</param>
/// <param name="Contents">All bytes of a ROM; null otherwise.</param>
/// <param name="Device">The device of an MMIO region; null otherwise.</param>
internal readonly record struct PhysicalRegion(
    RegionKind Kind, ulong Start, ulong SizeInBytes, byte[]? Contents = null, IMmioDevice? Device = null)
{
    /// <summary>Physical address of the first byte behind the region.</summary>
    public ulong End => Start + SizeInBytes;

    /// <summary>Whether two regions have a byte in common.</summary>
    public bool Overlaps(in PhysicalRegion other) => Start < other.End && other.Start < End;

    /// <summary>Gives kind, first and last address, for messages.</summary>
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

/// <summary>What answers at a physical address.</summary>
internal enum RegionKind : byte
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
