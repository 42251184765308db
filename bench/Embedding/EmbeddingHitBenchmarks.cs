using BenchmarkDotNet.Attributes;
using X86Pae.Bench.HotPaths;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Bench.Embedding;

/// <summary>What a guest's load or store costs an emulator while its page is a recent one, against two arrays and a load.</summary>
[BenchmarkCategory("Embedding")]
public class EmbeddingHitBenchmarks
{
    private readonly uint[] _addresses = AddressStream.Create(GuestTables.LinearStart, GuestTables.HeldPages);
    private readonly DirectMappedTlb _floor = new(GuestTables.LinearStart, frame: 0);
    private readonly byte[] _data = GuestTables.Data();
    private readonly uint _zero = AddressStream.Zero;
    private readonly Mmu<RamBus, NoTiming> _mmu = GuestTables.CreateMmu(default(NoTiming), TlbConfiguration.Functional);

    /// <summary>The floor: each address is known beforehand.</summary>
    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint LookupAndLoad() => _floor.LoadAll(_data, _addresses, default(KnownAddresses));

    /// <summary>The floor: each address takes the last value loaded.</summary>
    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint LookupAndLoadDependent() => _floor.LoadAll(_data, _addresses, new ChainedAddresses(_zero));

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint Read() => MmuLoops.ReadAll(_mmu, _addresses, default(KnownAddresses));

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint ReadDependent() => MmuLoops.ReadAll(_mmu, _addresses, new ChainedAddresses(_zero));

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint Write()
    {
        Mmu<RamBus, NoTiming> mmu = _mmu;
        Access access = Access.SupervisorWrite;
        uint faults = 0;
        foreach (uint address in _addresses)
        {
            faults += mmu.Write(address, access, address).IsFault ? 1u : 0;
        }

        return faults;
    }

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong Translate() => MmuLoops.TranslateAll(_mmu, _addresses);
}
