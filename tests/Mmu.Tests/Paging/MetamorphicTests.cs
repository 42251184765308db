using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>Changes that must not matter, and changes that must matter in one direction only.</summary>
public sealed class MetamorphicTests
{
    private const int Samples = 4_000;
    private const uint Linear = 0x8060_3ABC;
    private const ulong Ignored = 0xE00;
    private static readonly ulong PdeAt = PaeGuest.PdeAddress(Linear);
    private static readonly ulong PteAt = PaeGuest.PteAddress(Linear);

    // C12, C06. AVL bits, bits 6 and 8 of a table PDE, the payload of entries with P = 0, and CR3[4:0].
    [Fact]
    public void Walk_IgnoredBitsPermuted_ResultsStayEqual()
    {
        var random = new Random(1);
        for (int i = 0; i < Samples; i++)
        {
            PaeGuest guest = RandomGuest(random);
            (ulong pde, ulong pte) = (RandomEntry(random, large: i % 3 == 0), RandomEntry(random, large: false));
            Access access = RandomAccess(random);
            ulong ignoredInPde = (pde & 1) == 0 ? ~1UL : (pde & 0x80) == 0 ? Ignored | 0x140 : Ignored;
            ulong ignoredInPte = (pte & 1) == 0 ? ~1UL : Ignored;
            var noise = (ulong)random.NextInt64(long.MinValue, long.MaxValue);

            WalkResult plain = Walk(guest, pde, pte, access);
            (ulong Pde, ulong Pte) after = (guest[PdeAt], guest[PteAt]);
            guest.WriteCr3(PaeGuest.Pdpt | ((uint)noise & 31));
            WalkResult noisy = Walk(guest, pde ^ (noise & ignoredInPde), pte ^ (noise & ignoredInPte), access);

            Assert.Equal(plain, noisy);
            Assert.Equal(after.Pde ^ (noise & ignoredInPde), guest[PdeAt]);
            Assert.Equal(after.Pte ^ (noise & ignoredInPte), guest[PteAt]);
        }
    }

    // C10, C32. Any reserved bit in a used, present entry gives P and RSVD, whatever the rights.
    [Fact]
    public void Walk_ReservedBitAdded_AlwaysGivesReservedAndPresent()
    {
        var random = new Random(2);
        for (int i = 0; i < Samples; i++)
        {
            PaeGuest guest = RandomGuest(random);
            bool large = i % 3 == 0;
            ulong pde = RandomEntry(random, large) | 1;
            ulong pte = RandomEntry(random, large: false) | 1;
            ulong reserved = 1UL << random.Next(40, 63);
            bool inPde = large || random.Next(2) == 0;

            WalkResult result = Walk(guest, inPde ? pde | reserved : pde, inPde ? pte : pte | reserved, RandomAccess(random));

            Assert.Equal(
                PageFaultErrorCode.Reserved | PageFaultErrorCode.Present,
                result.Fault.ErrorCode & (PageFaultErrorCode.Reserved | PageFaultErrorCode.Present));
        }
    }

    // C52 (what the walk shows). A 2-MiB page and 512 equal PTEs translate and fault alike.
    [Fact]
    public void Walk_LargePageReplacedBy512Ptes_TranslatesAndFaultsAlike()
    {
        var random = new Random(3);
        for (int i = 0; i < 60; i++)
        {
            PaeGuest guest = RandomGuest(random);
            ulong large = (RandomEntry(random, large: true) & ~0x00FF_FFFF_FFE0_0000UL) | 0x12_3460_0000 | 1;
            ulong small = (large & ~0x1080UL) | ((large & 0x1000) >> 5); // PAT moves from bit 12 to bit 7
            for (uint page = 0; page < 512; page++)
            {
                guest[PaeGuest.Table + (8 * page)] = small + (0x1000UL * page);
            }

            foreach (ProductAccess access in ProductAccess.All)
            {
                uint linear = (Linear & 0xFFE0_0000) | (uint)random.Next(0x20_0000);
                guest[PdeAt] = large;
                WalkResult asLarge = guest.Walk(linear, access.Access);
                guest[PdeAt] = PaeGuest.Table | PaeGuest.Used;
                ulong pteBefore = guest[PaeGuest.PteAddress(linear)];
                WalkResult asSmall = guest.Walk(linear, access.Access);
                guest[PaeGuest.PteAddress(linear)] = pteBefore;

                Assert.Equal(asLarge.IsFault, asSmall.IsFault);
                Assert.Equal(asLarge.Fault, asSmall.Fault);
                Assert.Equal(asLarge.PhysicalAddress, asSmall.PhysicalAddress);
                Assert.Equal(asLarge.Attributes & ~PageAttributes.Large, asSmall.Attributes);
            }
        }
    }

    // C11. CR4.PSE never matters with PAE.
    [Fact]
    public void Walk_PseToggled_ResultsStayEqual()
    {
        var random = new Random(4);
        for (int i = 0; i < Samples; i++)
        {
            PaeGuest guest = RandomGuest(random);
            (ulong pde, ulong pte) = (RandomEntry(random, large: i % 2 == 0), RandomEntry(random, large: false));
            Access access = RandomAccess(random);

            WalkResult before = Walk(guest, pde, pte, access);
            Assert.NotNull(guest.WriteCr4(guest.Registers.Cr4 ^ Cr4.PageSizeExtensions));

            Assert.Equal(before, Walk(guest, pde, pte, access));
        }
    }

    // C20. More R/W never takes an access away; more U/S never takes one away from the user.
    [Fact]
    public void Walk_RightsAdded_NeverTakeAnAccessAway()
    {
        var random = new Random(5);
        for (int i = 0; i < Samples; i++)
        {
            PaeGuest guest = RandomGuest(random);
            (ulong pde, ulong pte) = (RandomEntry(random, large: i % 3 == 0), RandomEntry(random, large: false));
            Access access = RandomAccess(random);
            if (Walk(guest, pde, pte, access).IsFault)
            {
                continue;
            }

            Assert.False(Walk(guest, pde | 2, pte, access).IsFault);
            Assert.False(Walk(guest, pde, pte | 2, access).IsFault);
            if (access.IsUser)
            {
                Assert.False(Walk(guest, pde | 4, pte | 4, access).IsFault);
            }
        }
    }

    // C20. XD never matters to data.
    [Fact]
    public void Walk_ExecuteDisableToggled_NeverMattersToData()
    {
        var random = new Random(6);
        for (int i = 0; i < Samples; i++)
        {
            PaeGuest guest = RandomGuest(random);
            (ulong pde, ulong pte) = (RandomEntry(random, large: i % 3 == 0), RandomEntry(random, large: false));
            Access access = RandomAccess(random);
            if (access.IsFetch)
            {
                continue;
            }

            WalkResult plain = Walk(guest, pde & ~EntryBits.ExecuteDisable, pte & ~EntryBits.ExecuteDisable, access);
            WalkResult disabled = Walk(guest, pde | EntryBits.ExecuteDisable, pte | EntryBits.ExecuteDisable, access);

            Assert.Equal((plain.PhysicalAddress, plain.Fault), (disabled.PhysicalAddress, disabled.Fault));
        }
    }

    // C42. A walk that succeeded once succeeds again with the same result, and then writes nothing more.
    [Fact]
    public void Walk_Repeated_ChangesNothingMore()
    {
        var random = new Random(7);
        for (int i = 0; i < Samples; i++)
        {
            PaeGuest guest = RandomGuest(random);
            Access access = RandomAccess(random);
            WalkResult first = Walk(guest, RandomEntry(random, large: i % 3 == 0), RandomEntry(random, large: false), access);
            var memory = new RecordedMemory(guest.Memory);
            var bus = new RecordingBus(memory);

            Assert.Equal(first, PageWalker.Walk(ref bus, in guest.Registers.State, Linear, access));
            Assert.Empty(memory.Updates);
        }
    }

    private static WalkResult Walk(PaeGuest guest, ulong pde, ulong pte, Access access)
    {
        guest[PdeAt] = pde;
        guest[PteAt] = pte;
        return guest.Walk(Linear, access);
    }

    private static PaeGuest RandomGuest(Random random) => new(
        options: new PagingOptions { FaultAccessedPolicy = (FaultAccessedPolicy)random.Next(2) },
        cr4: (random.Next(2) == 0 ? Cr4.None : Cr4.SupervisorExecutionPrevention)
            | (random.Next(2) == 0 ? Cr4.None : Cr4.SupervisorAccessPrevention)
            | (random.Next(2) == 0 ? Cr4.None : Cr4.PageGlobalEnable),
        writeProtect: random.Next(2) == 0);

    private static ulong RandomEntry(Random random, bool large)
    {
        ulong flags = (ulong)random.Next(0x1000) & ~0x80UL;
        flags |= random.Next(8) == 0 ? 0 : 1u;
        flags |= random.Next(4) == 0 ? EntryBits.ExecuteDisable : 0;
        return large
            ? flags | 0x80 | 0x12_3460_0000 | ((ulong)random.Next(2) << 12)
            : flags | PaeGuest.Table;
    }

    private static Access RandomAccess(Random random) => ProductAccess.All[random.Next(16)].Access;
}
