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
        var span = new SpanBus(Tables);
        GuestTables.Build(ref span);
        GuestTables.Build(ref _ram);
        _control.WriteCr3(GuestTables.Pdpt, ref span);
        _control.WriteCr4((uint)(Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable), ref span);
        _control.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.WriteProtect | Cr0.Paging), ref span);
    }

    private Span<byte> Tables => MemoryMarshal.AsBytes(_tables.AsSpan());

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong ThreeLoads() => _floor.TranslateAll(_addresses, default(KnownAddresses));

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong ThreeLoadsDependent() => _floor.TranslateAll(_addresses, new ChainedAddresses(_zero));

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong WalkSpan() =>
        WalkLoops.WalkSpan(Tables, in _control.State, _addresses, default(KnownAddresses));

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong WalkSpanDependent() =>
        WalkLoops.WalkSpan(Tables, in _control.State, _addresses, new ChainedAddresses(_zero));

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong WalkRam() =>
        WalkLoops.WalkRam(_ram, in _control.State, _addresses, default(KnownAddresses));

    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong WalkRamDependent() =>
        WalkLoops.WalkRam(_ram, in _control.State, _addresses, new ChainedAddresses(_zero));

    /// <summary>A page that is not present: error code and address are the result.</summary>
    [Benchmark(OperationsPerInvoke = AddressStream.Length)]
    public ulong WalkSpanFault() => WalkLoops.FaultSpan(Tables, in _control.State, _notPresent);
}
