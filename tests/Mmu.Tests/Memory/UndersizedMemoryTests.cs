using System.Runtime.InteropServices;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Tests.Memory;

/// <summary>Memory too small for what the guest's tables name: every access is answered, and nothing outside is written.</summary>
public sealed class UndersizedMemoryTests
{
    private const int Margin = 64;
    private const int Accesses = 2000;
    private const byte Canary = 0xC5;

    [Theory]
    [InlineData(1, true)]
    [InlineData(7, false)]
    [InlineData(8, true)]
    [InlineData(32, true)]
    [InlineData(0x0FFC, false)]
    [InlineData(0x1000, true)]
    [InlineData(0x1804, true)]
    [InlineData(0x3FFF, false)]
    public void Walk_RandomTablesOverASmallSpan_WritesNothingOutside(int size, bool pae)
    {
        byte[] buffer = new byte[size + (2 * Margin)];
        buffer.AsSpan().Fill(Canary);
        Span<byte> memory = buffer.AsSpan(Margin, size);
        var random = new Random(size);
        var control = new ControlRegisters(CpuFeatures.Full40);
        int translated = 0;
        for (int i = 0; i < Accesses; i++)
        {
            FillWithTables(memory, random);
            var bus = new SpanBus(memory, openBus: i % 2 == 0 ? (byte)0xFF : (byte)0x67);
            control.Reset();
            control.WriteCr4(pae ? (uint)Cr4.PhysicalAddressExtension : 0, ref bus);
            control.WriteCr3((uint)random.Next(0x5000), ref bus);
            control.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging), ref bus);
            WalkResult result = PageWalker.Walk(ref bus, in control.State, (uint)random.NextInt64(1L << 32), RandomAccess(random));
            translated += result.IsFault ? 0 : 1;
        }

        Assert.DoesNotContain(buffer[..Margin], value => value != Canary);
        Assert.DoesNotContain(buffer[^Margin..], value => value != Canary);
        Assert.NotEqual(0, translated);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Mmu_RandomProgramOverOnePageOfRam_AnswersEveryAccess(bool pae)
    {
        var memory = new GuestMemory(4096);
        var mmu = new Mmu<RamBus, NoTiming>(new RamBus(memory), default, CpuFeatures.Full40, CpuModels.CoreDuo.Tlbs);
        var random = new Random(pae ? 1 : 2);
        byte[] page = new byte[4096];
        byte[] operand = new byte[8192];
        int answered = 0;
        for (int i = 0; i < Accesses; i++)
        {
            FillWithTables(page, random);
            new RamBus(memory).Write(0, page);
            mmu.Reset();
            mmu.WriteCr4(pae ? (uint)Cr4.PhysicalAddressExtension : 0);
            mmu.WriteCr3((uint)random.Next(0x2000));
            mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging));
            var linear = (uint)random.NextInt64(1L << 32);
            var write = new Access(AccessKind.Write, (AccessMode)random.Next(3));
            var update = default(Increment);
            answered += mmu.Read(linear, RandomAccess(random), operand.AsSpan(0, random.Next(operand.Length))).IsFault ? 0 : 1;
            answered += mmu.Write(linear, write, operand.AsSpan(0, random.Next(operand.Length))).IsFault ? 0 : 1;
            answered += mmu.Update(linear, write, ref update, out ulong _).IsFault ? 0 : 1;
            answered += mmu.CompareExchange(linear & ~7u, write, 0UL, 1UL, out _).IsFault ? 0 : 1;
            mmu.Probe(linear, write);
        }

        Assert.NotEqual(0, answered);
        Assert.Equal(1, memory.ResidentPages);
    }

    /// <summary>Entries that are mostly present and valid, and name frames both inside and outside a small memory.</summary>
    private static void FillWithTables(Span<byte> memory, Random random)
    {
        foreach (ref ulong entry in MemoryMarshal.Cast<byte, ulong>(memory))
        {
            ulong flags = random.Next(4) == 0 ? (ulong)random.Next(0x1000) : 1ul | ((ulong)random.Next(2) * 0x66);
            entry = ((ulong)random.Next(6) << 12) | flags;
        }
    }

    private static Access RandomAccess(Random random) => new((AccessKind)random.Next(4), (AccessMode)random.Next(3));

    private struct Increment : IMemoryUpdate<ulong>
    {
        public readonly ulong Apply(ulong value) => value + 1;
    }
}
