using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using X86Pae.Bench.HotPaths;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Bench.Embedding;

/// <summary>Walks through tables that no cache of the host holds: one after another, and several in flight.</summary>
/// <remarks>
/// 256 address spaces of 4 GiB each, all mapped: 2 GiB of page tables. Each space in turn translates 512 random addresses, so
/// that the load of CR3 counts for nothing.
/// </remarks>
[BenchmarkCategory("Embedding")]
public class EmbeddingBatchBenchmarks
{
    private const int Spaces = 256;
    private const int AddressesInSpace = 512;
    private const int Operations = Spaces * AddressesInSpace;
    private const int PageSize = 4096;
    private const int EntriesPerTable = 512;
    private const int Directories = 4;
    private const int Tables = Directories * EntriesPerTable;
    private const uint Pdpts = 0x10_0000;
    private const ulong TablesStart = 0x1000_0000;
    private const ulong BytesInSpace = (ulong)(Directories + Tables) * PageSize;
    private const ulong Leaf = EntryBits.Present | EntryBits.Writable | EntryBits.Accessed | EntryBits.Dirty;

    private readonly uint _zero = AddressStream.Zero;
    private readonly uint[] _addresses = new uint[Operations];
    private readonly WalkResult[] _results = new WalkResult[AddressesInSpace];
    private Mmu<RamBus, NoTiming>? _mmu;

    [GlobalSetup]
    public void SetUp()
    {
        var random = new Random(2026);
        for (int i = 0; i < _addresses.Length; i++)
        {
            _addresses[i] = (uint)random.NextInt64(1L << 32);
        }

        var bus = new RamBus(new GuestMemory(8UL << 30));
        for (int space = 0; space < Spaces; space++)
        {
            Build(bus, space, random);
        }

        _mmu = new Mmu<RamBus, NoTiming>(bus, default, CpuFeatures.Pae36, TlbConfiguration.Functional);
        bool legal = _mmu.WriteCr3(Pdpts) && _mmu.WriteCr4((uint)Cr4.PhysicalAddressExtension)
            && _mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging));
        if (!legal)
        {
            throw new InvalidOperationException("The tables cannot be loaded.");
        }
    }

    /// <summary>Each address takes a bit of the last result, so that no walk begins before the one before it ends.</summary>
    [Benchmark(OperationsPerInvoke = Operations)]
    public ulong OneAfterAnother()
    {
        Mmu<RamBus, NoTiming> mmu = _mmu!;
        Access access = Access.SupervisorRead;
        uint zero = _zero;
        ulong digest = 0;
        for (int space = 0; space < Spaces; space++)
        {
            mmu.WriteCr3(Pdpts + ((uint)space * PageSize));
            foreach (uint address in _addresses.AsSpan(space * AddressesInSpace, AddressesInSpace))
            {
                digest ^= mmu.Translate(address ^ ((uint)digest & zero), access).PhysicalAddress;
            }
        }

        return digest;
    }

    /// <summary>A plain loop: as many walks in flight as the host's core finds by itself.</summary>
    [Benchmark(OperationsPerInvoke = Operations)]
    public ulong Independent()
    {
        Mmu<RamBus, NoTiming> mmu = _mmu!;
        Access access = Access.SupervisorRead;
        ulong digest = 0;
        for (int space = 0; space < Spaces; space++)
        {
            mmu.WriteCr3(Pdpts + ((uint)space * PageSize));
            foreach (uint address in _addresses.AsSpan(space * AddressesInSpace, AddressesInSpace))
            {
                digest ^= mmu.Translate(address, access).PhysicalAddress;
            }
        }

        return digest;
    }

    [Benchmark(OperationsPerInvoke = Operations)]
    public ulong TranslateMany()
    {
        Mmu<RamBus, NoTiming> mmu = _mmu!;
        Access access = Access.SupervisorRead;
        ulong digest = 0;
        for (int space = 0; space < Spaces; space++)
        {
            mmu.WriteCr3(Pdpts + ((uint)space * PageSize));
            mmu.TranslateMany(_addresses.AsSpan(space * AddressesInSpace, AddressesInSpace), access, _results);
            foreach (WalkResult result in _results)
            {
                digest ^= result.PhysicalAddress;
            }
        }

        return digest;
    }

    private static void Build(RamBus bus, int space, Random random)
    {
        ulong directories = TablesStart + ((ulong)space * BytesInSpace);
        ulong tables = directories + (Directories * PageSize);
        for (int i = 0; i < Directories; i++)
        {
            bus.Store(Pdpts + ((ulong)space * PageSize) + (8 * (ulong)i), (directories + ((ulong)i * PageSize)) | EntryBits.Present);
        }

        for (int i = 0; i < Tables; i++)
        {
            bus.Store(directories + (8 * (ulong)i), (tables + ((ulong)i * PageSize)) | Leaf);
        }

        ulong frame = (ulong)random.Next(1 << 20) * PageSize;
        Span<ulong> table = stackalloc ulong[EntriesPerTable];
        for (int i = 0; i < Tables; i++)
        {
            for (int entry = 0; entry < table.Length; entry++)
            {
                table[entry] = frame | Leaf;
                frame = (frame + PageSize) & 0xF_FFFF_F000;
            }

            bus.Write(tables + ((ulong)i * PageSize), MemoryMarshal.AsBytes(table));
        }
    }
}
