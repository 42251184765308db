using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using X86Pae.Bench.Simulation;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Bench.HotPaths;

/// <summary>Four-byte loads that hit the data TLB, against a lookup in two arrays and a load from a third.</summary>
[BenchmarkCategory("HotPath", "Load")]
public class LoadBenchmarks : ISimulated
{
    private readonly uint[] _addresses = AddressStream.Create(GuestTables.LinearStart, GuestTables.HeldPages);
    private readonly DirectMappedTlb _floor = new(GuestTables.LinearStart, frame: 0);
    private readonly byte[] _data = GuestTables.Data();
    private readonly Mmu<RamBus, NoTiming> _untimed = GuestTables.CreateMmu(default(NoTiming), CpuModels.CoreDuo.Tlbs);
    private TimedMmu? _timed;

    /// <inheritdoc/>
    public SimulatedTotals? Totals => _timed?.Totals;

    [GlobalSetup(Target = nameof(ReadHitTimed))]
    public void SetUpTimed() => _timed = new TimedMmu();

    [Benchmark(Baseline = true, OperationsPerInvoke = AddressStream.Length)]
    public uint ArrayLookupAndLoad()
    {
        DirectMappedTlb floor = _floor;
        byte[] data = _data;
        ref byte start = ref MemoryMarshal.GetArrayDataReference(data);
        uint digest = 0;
        foreach (uint address in _addresses)
        {
            ulong physical = floor.Translate(address);
            if (physical < (ulong)data.Length - 3)
            {
                digest ^= Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, (nint)physical));
            }
        }

        return digest;
    }

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint ReadHit()
    {
        Mmu<RamBus, NoTiming> mmu = _untimed;
        Access access = Access.SupervisorRead;
        uint digest = 0;
        foreach (uint address in _addresses)
        {
            if (!mmu.Read(address, access, out uint value).IsFault)
            {
                digest ^= value;
            }
        }

        return digest;
    }

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint ReadHitTimed()
    {
        Mmu<RamBus, CycleTiming> mmu = _timed!.Mmu;
        Access access = Access.SupervisorRead;
        uint digest = 0;
        foreach (uint address in _addresses)
        {
            if (!mmu.Read(address, access, out uint value).IsFault)
            {
                digest ^= value;
            }
        }

        return digest;
    }
}
