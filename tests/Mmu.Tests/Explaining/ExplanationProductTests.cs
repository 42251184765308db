using X86Pae.Explaining;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Explaining;

/// <summary>Random tables, registers, options and accesses: the explanation is the walk's, whole, and fits the page.</summary>
public sealed class ExplanationProductTests
{
    private const int Cases = 40_000;
    private const int Size = 0x4000;

    [Fact]
    [Trait("Category", "Long")]
    public void Explain_RandomProduct_AgreesWithTheWalk()
    {
        var random = new Random(20_240_607);
        var seen = new Dictionary<FaultCause, int>();
        int translated = 0;
        for (int i = 0; i < Cases; i++)
        {
            byte[] memory = RandomMemory(random);
            ControlRegisters control = RandomControl(random, memory);
            uint linear = (uint)random.NextInt64(1L << 32) & 0xC060_3FFF;
            var access = new Access((AccessKind)random.Next(4), (AccessMode)random.Next(3), random.Next(2) == 0);
            byte[] before = [.. memory];

            WalkExplanation explanation = WalkExplainer.Explain(memory, control, linear, access);

            Assert.Equal(before, memory);
            Assert.Equal(PageWalker.Walk(memory, in control.State, linear, access), explanation.Result);
            Assert.Equal(explanation.Result.IsFault, explanation.Reasons.Count > 0);
            Assert.All(explanation.Tables.Entries, entry => CheckFields(entry, control.State.Mode));
            if (i % 16 == 0)
            {
                CheckText(explanation.ToString());
            }

            translated += explanation.Result.IsFault ? 0 : 1;
            foreach (FaultReason reason in explanation.Reasons)
            {
                seen[reason.Cause] = seen.GetValueOrDefault(reason.Cause) + 1;
            }
        }

        Assert.True(translated > Cases / 20, $"{translated} translated");
        Assert.Equal(Enum.GetValues<FaultCause>(), seen.Keys.Order());
    }

    private static void CheckFields(ExplainedEntry entry, PagingMode mode)
    {
        int next = mode == PagingMode.Pae ? 63 : 31;
        ulong raw = 0;
        foreach (EntryField field in entry.Fields)
        {
            Assert.Equal(next, field.HighBit);
            raw |= field.Value << field.LowBit;
            next = field.LowBit - 1;
        }

        Assert.Equal(-1, next);
        Assert.Equal(entry.Raw, raw);
    }

    private static void CheckText(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            Assert.InRange(line.Length, 0, 110);
            Assert.Equal(line.TrimEnd(), line);
            Assert.All(line, c => Assert.InRange(c, ' ', '~'));
        }
    }

    private static ControlRegisters RandomControl(Random random, byte[] memory)
    {
        CpuFeatures features = CpuFeatures.Full40 with
        {
            MaxPhyAddr = random.Next(4) switch { 0 => 32, 1 => 36, 2 => 40, _ => 52 },
            Pat = random.Next(4) != 0,
        };
        PagingOptions options = random.Next(4) switch
        {
            0 => PagingOptions.Qemu,
            1 => PagingOptions.Bochs,
            2 => PagingOptions.Default with { PdpteMode = PdpteMode.WalkOnDemand },
            _ => PagingOptions.Default,
        };
        var control = new ControlRegisters(features, options);
        var bus = new SpanBus(memory);
        Cr4 cr4 = (random.Next(4) == 0 ? 0 : Cr4.PhysicalAddressExtension)
            | (random.Next(2) == 0 ? 0 : Cr4.PageSizeExtensions)
            | (random.Next(2) == 0 ? 0 : Cr4.PageGlobalEnable)
            | (random.Next(2) == 0 ? 0 : Cr4.SupervisorAccessPrevention)
            | (random.Next(2) == 0 ? 0 : Cr4.SupervisorExecutionPrevention);
        control.WriteEfer(random.Next(2) == 0 ? 0 : (ulong)Efer.ExecuteDisableEnable);
        control.WriteCr4((uint)cr4, ref bus);
        control.WriteCr3(0, ref bus);
        control.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging | (random.Next(2) == 0 ? 0 : Cr0.WriteProtect)), ref bus);
        control.A20Masked = random.Next(8) == 0;
        return control;
    }

    private static byte[] RandomMemory(Random random)
    {
        byte[] memory = new byte[Size];
        var bus = new SpanBus(memory);
        bool wide = random.Next(4) != 0;
        for (uint i = 0; i < 4; i++)
        {
            bus.Store(8 * i, random.Next(16) == 0 ? RandomEntry(random) : 0x1000UL | (random.Next(8) == 0 ? 0u : 1));
        }

        for (uint table = wide ? 0x1000u : 0x20; table < Size; table += 0x1000)
        {
            for (uint i = 0; i < 8; i++)
            {
                bus.Store(table + (8 * i), RandomEntry(random));
            }
        }

        return memory;
    }

    private static ulong RandomEntry(Random random)
    {
        ulong flags = (ulong)random.NextInt64(0x1000) | (random.Next(8) == 0 ? 0UL : 7);
        ulong high = random.Next(8) switch
        {
            0 => 1UL << 63,
            1 => 1UL << random.Next(32, 63),
            2 => (ulong)random.NextInt64(),
            _ => 0,
        };
        ulong frame = random.Next(4) == 0 ? (ulong)random.NextInt64(64) << 12 : 0x2000UL + ((ulong)random.NextInt64(2) << 12);
        return random.Next(64) == 0 ? ulong.MaxValue : frame | (random.Next(3) == 0 ? flags : flags & ~0x80UL) | high;
    }
}
