using X86Pae.Bench.HotPaths;
using X86Pae.Memory;
using X86Pae.Timing;

namespace X86Pae.Bench.Embedding;

/// <summary>What an untimed MMU with the TLBs of a Core Duo does all day; compiled against the library with and without timing code.</summary>
internal sealed class UntimedLoop
{
    private readonly uint[] _held = AddressStream.Create(GuestTables.LinearStart, GuestTables.HeldPages);
    private readonly uint[] _missing = AddressStream.Create(GuestTables.LinearStart, GuestTables.MappedPages);
    private readonly Mmu<RamBus, NoTiming> _mmu = GuestTables.CreateMmu(default(NoTiming), CpuModels.CoreDuo.Tlbs);

    /// <summary>Loads that hit the TLB.</summary>
    public uint Hit() => MmuLoops.ReadAll(_mmu, _held, default(KnownAddresses));

    /// <summary>Loads that walk.</summary>
    public uint Miss() => MmuLoops.ReadAll(_mmu, _missing, default(KnownAddresses));
}
