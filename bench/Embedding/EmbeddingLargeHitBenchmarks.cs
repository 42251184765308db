using BenchmarkDotNet.Attributes;
using X86Pae.Bench.HotPaths;
using X86Pae.Memory;
using X86Pae.Tlb;

namespace X86Pae.Bench.Embedding;

/// <summary>What <see cref="EmbeddingHitBenchmarks"/> measures, in pages of 2 MiB.</summary>
[BenchmarkCategory("Embedding")]
public class EmbeddingLargeHitBenchmarks
{
    private readonly uint[] _small = AddressStream.Create(GuestTables.LinearStart, GuestTables.HeldPages);
    private readonly uint[] _large =
        AddressStream.Create(GuestTables.LargeStart, GuestTables.HeldPages, GuestTables.LargePartDistance);

    private readonly uint[] _odd = AddressStream.Create(GuestTables.LinearStart + GuestTables.PageSize, GuestTables.HeldPages / 2, distance: 2);
    private readonly uint[] _both;
    private readonly DirectMappedTlb _floor = new(GuestTables.LinearStart, frame: 0);
    private readonly byte[] _data = GuestTables.Data();
    private readonly uint _zero = AddressStream.Zero;
    private readonly Mmu<RamBus, NoTiming> _mmu = GuestTables.CreateMmu(default(NoTiming), TlbConfiguration.Functional);

    public EmbeddingLargeHitBenchmarks() => _both = RecordedAddresses.Mix(_odd, _large);

    /// <summary>The floor: each address is known beforehand.</summary>
    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint LookupAndLoad() => _floor.LoadAll(_data, _small, default(KnownAddresses));

    /// <summary>The floor: each address takes the last value loaded.</summary>
    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint LookupAndLoadDependent() => _floor.LoadAll(_data, _small, new ChainedAddresses(_zero));

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint Read() => MmuLoops.ReadAll(_mmu, _large, default(KnownAddresses));

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint ReadDependent() => MmuLoops.ReadAll(_mmu, _large, new ChainedAddresses(_zero));

    /// <summary>Pages of both sizes, in the order of the recorded address trace; the small ones do not push out parts of large ones.</summary>
    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint ReadBothSizes() => MmuLoops.ReadAll(_mmu, _both, default(KnownAddresses));
}
