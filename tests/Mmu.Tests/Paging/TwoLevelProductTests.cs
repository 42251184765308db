using System.Buffers.Binary;
using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>Two-level paging over all combinations of entry flags, accesses and control states.</summary>
public sealed class TwoLevelProductTests
{
    private const uint Frame = 0xA5A5_5000;
    private const uint Linear = 0x80C0_3000; // PDE 203h, PTE 3
    private const int Directory = 0x1000;
    private const int Table = 0x2000;
    private const int Pde = Directory + (4 * 0x203);
    private const int Pte = Table + (4 * 3);

    private const uint P = 1, W = 2, U = 4, A = 0x20, D = 0x40, Ps = 0x80, PtePat = 0x80, G = 0x100, PdePat = 0x1000;

    // With M = 36 and PSE-36 bits 21:17 of a 4-MiB PDE are reserved and bits 16:13 are address bits 35:32.
    private const uint ReservedInLargePde = 0x3E_0000;

    // C80: PDE {P W U A PS rsvd-or-address PAT} by PTE {P W U A D G PAT} by 16 accesses by {WP SMEP SMAP PGE PAT PSE}. With PS and PSE
    // the PDE maps 4 MiB and the PTE is not read; its bit 13 is then physical address bit 32.
    [Fact]
    [Trait("Category", "Long")]
    public void Walk_AllCombinations_MatchTheClosedForm()
    {
        var memory = new byte[0x4000];
        ProductAccess[] accesses = ProductAccess.All;
        long cases = 0;
        for (int state = 0; state < ProductControls.Count; state++)
        {
            ProductControls controls = ProductControls.FromIndex(state);
            PagingState paging = controls.Create(memory, Directory, pae: false, FaultAccessedPolicy.PdeSet).State;
            for (int bits = 0; bits < 1 << 13; bits++)
            {
                foreach (ref readonly ProductAccess access in accesses.AsSpan())
                {
                    int varied = (int)(cases * 0x9E5 >> 3) & 0x7FFF_FFFF;
                    bool maps4MiB = controls.Sixth && (bits & 16) != 0;
                    uint pde = Table | Flags(bits, P, W, U, A, Ps) | ((uint)varied & (D | G));
                    uint pte = Frame | Flags(bits >> 5, P, W, U, A, D) | Flags(bits >> 10, G, PtePat);
                    if (maps4MiB)
                    {
                        pde |= Flags(bits >> 12, 1u << (17 + (varied % 5))) | ((uint)varied & PdePat) | (Frame & 0xFFC0_0000);
                    }

                    uint linear = Linear | ((uint)varied & 0xFFF);
                    Write(memory, pde, pte);

                    WalkResult result = PageWalker.Walk(memory, in paging, linear, access.Access);

                    ProductExpectation expected = maps4MiB
                        ? ExpectLarge(in access, in controls, linear, pde, pte)
                        : ExpectSmall(in access, in controls, linear, pde, pte);
                    Check(expected, result, memory, linear, access, controls, pde, pte);
                    cases++;
                }
            }
        }

        Assert.Equal(64L * 8192 * 16, cases); // 8,388,608
    }

    private static ProductExpectation ExpectSmall(in ProductAccess access, in ProductControls controls, uint linear, uint pde, uint pte)
    {
        bool user = (pde & pte & U) != 0;
        bool writable = (pde & pte & W) != 0;
        bool pse = controls.Sixth;
        ProductOutcome outcome =
            (pde & P) == 0 ? ProductOutcome.PdeNotPresent
            : (pte & P) == 0 ? ProductOutcome.PteNotPresent
            : pse && !controls.Pat && (pte & PtePat) != 0 ? ProductOutcome.PteReserved
            : ProductRules.Denied(in access, in controls, user, writable, executeDisable: false) ? ProductOutcome.Denied
            : ProductOutcome.Translated;
        uint pteAfter = outcome == ProductOutcome.Translated ? pte | A | (access.Write ? D : 0) : pte;
        return new ProductExpectation(
            outcome,
            ProductRules.ErrorCode(in access, outcome, fetchReported: controls.Smep),
            Frame | (linear & 0xFFF),
            Attributes(user, writable, (pte & PtePat) != 0, pteAfter, controls),
            outcome == ProductOutcome.PdeNotPresent ? pde : pde | A,
            pteAfter);
    }

    private static ProductExpectation ExpectLarge(in ProductAccess access, in ProductControls controls, uint linear, uint pde, uint pte)
    {
        bool user = (pde & U) != 0;
        bool writable = (pde & W) != 0;
        ProductOutcome outcome =
            (pde & P) == 0 ? ProductOutcome.PdeNotPresent
            : (pde & (ReservedInLargePde | (controls.Pat ? 0 : PdePat))) != 0 ? ProductOutcome.PdeReserved
            : ProductRules.Denied(in access, in controls, user, writable, executeDisable: false) ? ProductOutcome.Denied
            : ProductOutcome.Translated;
        uint after = outcome == ProductOutcome.Translated ? pde | A | (access.Write ? D : 0) : pde;
        return new ProductExpectation(
            outcome,
            ProductRules.ErrorCode(in access, outcome, fetchReported: controls.Smep),
            0x1_0000_0000UL | (Frame & 0xFFC0_0000) | (linear & 0x3F_FFFF),
            Attributes(user, writable, (pde & PdePat) != 0, after, controls) | PageAttributes.Large,
            after,
            pte);
    }

    private static PageAttributes Attributes(bool user, bool writable, bool pat, uint leafAfter, in ProductControls controls) =>
        (user ? PageAttributes.User : 0)
        | (writable ? PageAttributes.Writable : 0)
        | (pat ? PageAttributes.Pat : 0)
        | ((leafAfter & D) != 0 ? PageAttributes.Dirty : 0)
        | (controls.Pge && (leafAfter & G) != 0 ? PageAttributes.Global : 0);

    private static uint Flags(int bits, uint b0, uint b1 = 0, uint b2 = 0, uint b3 = 0, uint b4 = 0) =>
        ((bits & 1) != 0 ? b0 : 0)
        | ((bits & 2) != 0 ? b1 : 0)
        | ((bits & 4) != 0 ? b2 : 0)
        | ((bits & 8) != 0 ? b3 : 0)
        | ((bits & 16) != 0 ? b4 : 0);

    private static void Write(byte[] memory, uint pde, uint pte)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(memory.AsSpan(Pde), pde);
        BinaryPrimitives.WriteUInt32LittleEndian(memory.AsSpan(Pte), pte);
    }

    private static void Check(
        in ProductExpectation expected,
        WalkResult result,
        byte[] memory,
        uint linear,
        in ProductAccess access,
        in ProductControls controls,
        uint pde,
        uint pte)
    {
        uint pdeAfter = BinaryPrimitives.ReadUInt32LittleEndian(memory.AsSpan(Pde));
        uint pteAfter = BinaryPrimitives.ReadUInt32LittleEndian(memory.AsSpan(Pte));
        if (!expected.Matches(result, linear, pdeAfter, pteAfter))
        {
            Assert.Fail($"{access} {controls} PDE {pde:X} PTE {pte:X}: {expected}, but {result}, PDE {pdeAfter:X} PTE {pteAfter:X}");
        }
    }
}
