using X86Pae.Bench.HotPaths;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Bench.Embedding;

/// <summary>What an untimed MMU with the TLBs of a Core Duo does all day; compiled against the library with and without timing code.</summary>
internal sealed class UntimedLoop
{
    private readonly uint[] _held = AddressStream.Create(GuestTables.LinearStart, GuestTables.HeldPages);
    private readonly uint[] _missing = AddressStream.Create(GuestTables.LinearStart, GuestTables.MappedPages);
    private readonly Mmu<RamBus, NoTiming> _mmu = GuestTables.CreateMmu(default(NoTiming), CpuModels.CoreDuo.Tlbs);

    /// <summary>Loads that hit the TLB.</summary>
    public uint Hit() => Run(_held);

    /// <summary>Loads that walk.</summary>
    public uint Miss() => Run(_missing);

    private uint Run(uint[] addresses)
    {
        Mmu<RamBus, NoTiming> mmu = _mmu;
        Access access = Access.SupervisorRead;
        uint digest = 0;
        foreach (uint address in addresses)
        {
            if (!mmu.Read(address, access, out uint value).IsFault)
            {
                digest ^= value;
            }
        }

        return digest;
    }
}
