using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using X86Pae.Bench.HotPaths;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Bench.Embedding;

/// <summary>Walks with all checks, tables in the host's cache, against three loads.</summary>
[BenchmarkCategory("Embedding")]
public class EmbeddingWalkBenchmarks
{
    private readonly uint[] _addresses = AddressStream.Create(GuestTables.LinearStart, GuestTables.WarmPages);
    private readonly uint[] _notPresent = AddressStream.Create(GuestTables.NotPresentStart, GuestTables.NotPresentPages);
    private readonly ThreeLoadWalk _floor = new();
    private readonly ulong[] _tables = new ulong[GuestTables.TablesEnd / sizeof(ulong)];
    private readonly RamBus _ram = new(new GuestMemory(8UL << 30));
    private readonly ControlRegisters _control = new(CpuFeatures.Pae36);
    private readonly uint _zero = AddressStream.Zero;

    public EmbeddingWalkBenchmarks()
    {
        var span = new SpanBus(MemoryMarshal.AsBytes(_tables.AsSpan()));
        GuestTables.Build(ref span);
        GuestTables.Build(ref _ram);
        _control.WriteCr3(GuestTables.Pdpt, ref span);
        _control.WriteCr4((uint)(Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable), ref span);
        _control.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.WriteProtect | Cr0.Paging), ref span);
    }

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong ThreeLoads()
    {
        ThreeLoadWalk floor = _floor;
        ulong digest = 0;
        foreach (uint address in _addresses)
        {
            digest ^= floor.Translate(address);
        }

        return digest;
    }

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong ThreeLoadsDependent()
    {
        ThreeLoadWalk floor = _floor;
        uint zero = _zero;
        ulong digest = 0;
        foreach (uint address in _addresses)
        {
            digest ^= floor.Translate(address ^ ((uint)digest & zero));
        }

        return digest;
    }

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong WalkSpan()
    {
        Span<byte> memory = MemoryMarshal.AsBytes(_tables.AsSpan());
        ref readonly PagingState state = ref _control.State;
        Access access = Access.SupervisorRead;
        ulong digest = 0;
        foreach (uint address in _addresses)
        {
            digest ^= PageWalker.Walk(memory, in state, address, access).PhysicalAddress;
        }

        return digest;
    }

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong WalkSpanDependent()
    {
        Span<byte> memory = MemoryMarshal.AsBytes(_tables.AsSpan());
        ref readonly PagingState state = ref _control.State;
        Access access = Access.SupervisorRead;
        uint zero = _zero;
        ulong digest = 0;
        foreach (uint address in _addresses)
        {
            digest ^= PageWalker.Walk(memory, in state, address ^ ((uint)digest & zero), access).PhysicalAddress;
        }

        return digest;
    }

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong WalkRam()
    {
        RamBus bus = _ram;
        ref readonly PagingState state = ref _control.State;
        Access access = Access.SupervisorRead;
        ulong digest = 0;
        foreach (uint address in _addresses)
        {
            digest ^= PageWalker.Walk(ref bus, in state, address, access).PhysicalAddress;
        }

        return digest;
    }

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong WalkRamDependent()
    {
        RamBus bus = _ram;
        ref readonly PagingState state = ref _control.State;
        Access access = Access.SupervisorRead;
        uint zero = _zero;
        ulong digest = 0;
        foreach (uint address in _addresses)
        {
            digest ^= PageWalker.Walk(ref bus, in state, address ^ ((uint)digest & zero), access).PhysicalAddress;
        }

        return digest;
    }

    /// <summary>A page that is not present: error code and address are the result.</summary>
    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong WalkSpanFault()
    {
        Span<byte> memory = MemoryMarshal.AsBytes(_tables.AsSpan());
        ref readonly PagingState state = ref _control.State;
        Access access = Access.UserWrite;
        ulong digest = 0;
        foreach (uint address in _notPresent)
        {
            PageFault fault = PageWalker.Walk(memory, in state, address, access).Fault;
            digest ^= fault.Cr2 + (ulong)fault.ErrorCode;
        }

        return digest;
    }
}
