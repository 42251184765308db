using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using X86Pae.Bench.HotPaths;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;
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
    public uint LookupAndLoad()
    {
        DirectMappedTlb floor = _floor;
        ref byte start = ref MemoryMarshal.GetArrayDataReference(_data);
        uint digest = 0;
        foreach (uint address in _addresses)
        {
            ulong physical = floor.Translate(address);
            if (physical < GuestTables.HeldPages * (ulong)GuestTables.PageSize)
            {
                digest ^= Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, (nint)physical));
            }
        }

        return digest;
    }

    /// <summary>The floor: each address takes the last value loaded.</summary>
    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint LookupAndLoadDependent()
    {
        DirectMappedTlb floor = _floor;
        ref byte start = ref MemoryMarshal.GetArrayDataReference(_data);
        uint zero = _zero;
        uint digest = 0;
        foreach (uint address in _addresses)
        {
            ulong physical = floor.Translate(address ^ (digest & zero));
            if (physical < GuestTables.HeldPages * (ulong)GuestTables.PageSize)
            {
                digest ^= Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, (nint)physical));
            }
        }

        return digest;
    }

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public uint Read()
    {
        Mmu<RamBus, NoTiming> mmu = _mmu;
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
    public uint ReadDependent()
    {
        Mmu<RamBus, NoTiming> mmu = _mmu;
        Access access = Access.SupervisorRead;
        uint zero = _zero;
        uint digest = 0;
        foreach (uint address in _addresses)
        {
            if (!mmu.Read(address ^ (digest & zero), access, out uint value).IsFault)
            {
                digest ^= value;
            }
        }

        return digest;
    }

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
    public ulong Translate()
    {
        Mmu<RamBus, NoTiming> mmu = _mmu;
        Access access = Access.SupervisorRead;
        ulong digest = 0;
        foreach (uint address in _addresses)
        {
            digest ^= mmu.Translate(address, access).PhysicalAddress;
        }

        return digest;
    }
}
