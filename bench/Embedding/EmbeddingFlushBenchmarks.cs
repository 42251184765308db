using BenchmarkDotNet.Attributes;
using X86Pae.Bench.HotPaths;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Bench.Embedding;

/// <summary>What drops translations of a functional MMU whose host cache is full.</summary>
[BenchmarkCategory("Embedding")]
public class EmbeddingFlushBenchmarks
{
    private readonly uint[] _addresses = AddressStream.Create(GuestTables.LinearStart, GuestTables.WarmPages);
    private readonly Mmu<RamBus, NoTiming> _mmu = GuestTables.CreateMmu(default(NoTiming), TlbConfiguration.Functional);

    [GlobalSetup]
    public void Fill()
    {
        foreach (uint address in _addresses)
        {
            _mmu.Read(address, Access.SupervisorRead, out uint _);
        }
    }

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public void Invlpg() => MmuLoops.InvalidateAll(_mmu, _addresses);

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public void FlushAll()
    {
        Mmu<RamBus, NoTiming> mmu = _mmu;
        for (int i = 0; i < AddressStream.Length; i++)
        {
            mmu.FlushAll();
        }
    }

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public void FlushNonGlobal()
    {
        Mmu<RamBus, NoTiming> mmu = _mmu;
        for (int i = 0; i < AddressStream.Length; i++)
        {
            mmu.FlushNonGlobal();
        }
    }

    /// <summary>MOV to CR3: loads and checks four PDPTEs, and drops what is not global.</summary>
    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public bool WriteCr3() => MmuLoops.ReloadCr3(_mmu, AddressStream.Length);
}
