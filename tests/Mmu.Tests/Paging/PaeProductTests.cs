using System.Buffers.Binary;
using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>PAE paging over all combinations of entry flags, accesses and control states, as the access test of kvm-unit-tests.</summary>
public sealed class PaeProductTests
{
    private const ulong Frame = 0xA_5A5A_5000;
    private const ulong LargeFrame = 0xA_5A40_0000;
    private const uint Linear = 0x8060_3000; // PDPTE 2, PDE 3, PTE 3
    private const int Directory = 0x1000;
    private const int Table = 0x2000;
    private const int Pde = Directory + (8 * 3);
    private const int Pte = Table + (8 * 3);

    private const ulong P = 1, W = 2, U = 4, A = 0x20, D = 0x40, Ps = 0x80, PtePat = 0x80, G = 0x100, PdePat = 0x1000, Xd = 1UL << 63;

    // C10, C14, C20, C21, C22, C30, C31, C32, C33, C34, C40, C41, C42, C45: PDE {P W U A XD rsvd} (D and G, ignored, vary as well)
    // by PTE {P W U A D XD rsvd G PAT} by 16 accesses by {WP SMEP SMAP PGE PAT NXE}.
    [Theory]
    [Trait("Category", "Long")]
    [InlineData(FaultAccessedPolicy.PdeSet)]
    [InlineData(FaultAccessedPolicy.None)]
    public void Walk_AllSmallPageCombinations_MatchTheClosedForm(FaultAccessedPolicy policy)
    {
        byte[] memory = NewMemory();
        ProductAccess[] accesses = ProductAccess.All;
        long cases = 0;
        for (int state = 0; state < ProductControls.Count; state++)
        {
            ProductControls controls = ProductControls.FromIndex(state);
            PagingState paging = controls.Create(memory, cr3: 0, pae: true, policy).State;
            for (int pdeBits = 0; pdeBits < 64; pdeBits++)
            {
                for (int pteBits = 0; pteBits < 512; pteBits++)
                {
                    foreach (ref readonly ProductAccess access in accesses.AsSpan())
                    {
                        int varied = (int)(cases * 0x9E5 >> 3) & 0x7FFF_FFFF;
                        ulong reserved = 1UL << (ProductControls.MaxPhyAddr + (varied & 0xFFFF) % (63 - ProductControls.MaxPhyAddr));
                        ulong pde = Table | Flags(pdeBits, P, W, U, A, Xd, reserved) | ((ulong)varied & (D | G));
                        ulong pte = Frame | Flags(pteBits, P, W, U, A, Xd, reserved) | Flags(pteBits >> 6, D, G, PtePat);
                        uint linear = Linear | ((uint)varied & 0xFFF);
                        Write(memory, pde, pte);

                        WalkResult result = PageWalker.Walk(memory, in paging, linear, access.Access);

                        ProductExpectation expected = ExpectSmall(in access, in controls, policy, linear, pde, pte, reserved);
                        Check(expected, result, memory, linear, access, controls, pde, pte);
                        cases++;
                    }
                }
            }
        }

        Assert.Equal(64L * 64 * 512 * 16, cases); // 33,554,432 for each policy
        Assert.True(cases >= 2_000_000);
    }

    // C10, C13, C14, C20, C21, C22, C30, C32, C33, C34, C40, C42, C45: 2-MiB PDE {P W U A XD rsvd D G PAT rsvd-low} by 16 accesses by
    // {WP SMEP SMAP PGE PAT NXE}.
    [Theory]
    [Trait("Category", "Long")]
    [InlineData(FaultAccessedPolicy.PdeSet)]
    [InlineData(FaultAccessedPolicy.None)]
    public void Walk_AllLargePageCombinations_MatchTheClosedForm(FaultAccessedPolicy policy)
    {
        byte[] memory = NewMemory();
        ProductAccess[] accesses = ProductAccess.All;
        long cases = 0;
        for (int state = 0; state < ProductControls.Count; state++)
        {
            ProductControls controls = ProductControls.FromIndex(state);
            PagingState paging = controls.Create(memory, cr3: 0, pae: true, policy).State;
            for (int bits = 0; bits < 1024; bits++)
            {
                foreach (ref readonly ProductAccess access in accesses.AsSpan())
                {
                    int varied = (int)(cases * 0x9E5 >> 3) & 0x7FFF_FFFF;
                    ulong high = 1UL << (ProductControls.MaxPhyAddr + (varied & 0xFFFF) % (63 - ProductControls.MaxPhyAddr));
                    ulong low = 1UL << (13 + varied % 8);
                    ulong pde = LargeFrame | Ps
                        | Flags(bits, P, W, U, A, Xd, high) | Flags(bits >> 6, D, G, PdePat) | Flags(bits >> 9, low);
                    uint linear = (Linear & 0xFFE0_0000) | ((uint)varied & 0x1F_FFFF);
                    Write(memory, pde, 0);

                    WalkResult result = PageWalker.Walk(memory, in paging, linear, access.Access);

                    ProductExpectation expected = ExpectLarge(in access, in controls, linear, pde, high | low);
                    Check(expected, result, memory, linear, access, controls, pde, 0);
                    cases++;
                }
            }
        }

        Assert.Equal(64L * 1024 * 16, cases); // 1,048,576 for each policy
    }

    private static ProductExpectation ExpectSmall(
        in ProductAccess access,
        in ProductControls controls,
        FaultAccessedPolicy policy,
        uint linear,
        ulong pde,
        ulong pte,
        ulong reserved)
    {
        bool nxe = controls.Sixth;
        ulong bad = reserved | (nxe ? 0 : Xd);
        bool user = (pde & pte & U) != 0;
        bool writable = (pde & pte & W) != 0;
        bool executeDisable = nxe && ((pde | pte) & Xd) != 0;
        ProductOutcome outcome =
            (pde & P) == 0 ? ProductOutcome.PdeNotPresent
            : (pde & bad) != 0 ? ProductOutcome.PdeReserved
            : (pte & P) == 0 ? ProductOutcome.PteNotPresent
            : (pte & (bad | (controls.Pat ? 0 : PtePat))) != 0 ? ProductOutcome.PteReserved
            : ProductRules.Denied(in access, in controls, user, writable, executeDisable) ? ProductOutcome.Denied
            : ProductOutcome.Translated;
        bool translated = outcome == ProductOutcome.Translated;
        bool used = outcome >= ProductOutcome.PteNotPresent && (translated || policy == FaultAccessedPolicy.PdeSet);
        ulong pteAfter = translated ? pte | A | (access.Write ? D : 0) : pte;
        return new ProductExpectation(
            outcome,
            ProductRules.ErrorCode(in access, outcome, fetchReported: controls.Smep || nxe),
            Frame | (linear & 0xFFF),
            Attributes(user, writable, executeDisable, (pte & PtePat) != 0, pteAfter, controls),
            used ? pde | A : pde,
            pteAfter);
    }

    private static ProductExpectation ExpectLarge(
        in ProductAccess access, in ProductControls controls, uint linear, ulong pde, ulong reserved)
    {
        bool nxe = controls.Sixth;
        bool user = (pde & U) != 0;
        bool writable = (pde & W) != 0;
        bool executeDisable = nxe && (pde & Xd) != 0;
        ProductOutcome outcome =
            (pde & P) == 0 ? ProductOutcome.PdeNotPresent
            : (pde & (reserved | (nxe ? 0 : Xd) | (controls.Pat ? 0 : PdePat))) != 0 ? ProductOutcome.PdeReserved
            : ProductRules.Denied(in access, in controls, user, writable, executeDisable) ? ProductOutcome.Denied
            : ProductOutcome.Translated;
        ulong after = outcome == ProductOutcome.Translated ? pde | A | (access.Write ? D : 0) : pde;
        return new ProductExpectation(
            outcome,
            ProductRules.ErrorCode(in access, outcome, fetchReported: controls.Smep || nxe),
            LargeFrame | (linear & 0x1F_FFFF),
            Attributes(user, writable, executeDisable, (pde & PdePat) != 0, after, controls) | PageAttributes.Large,
            after,
            0);
    }

    private static PageAttributes Attributes(
        bool user, bool writable, bool executeDisable, bool pat, ulong leafAfter, in ProductControls controls) =>
        (user ? PageAttributes.User : 0)
        | (writable ? PageAttributes.Writable : 0)
        | (executeDisable ? PageAttributes.ExecuteDisable : 0)
        | (pat ? PageAttributes.Pat : 0)
        | ((leafAfter & D) != 0 ? PageAttributes.Dirty : 0)
        | (controls.Pge && (leafAfter & G) != 0 ? PageAttributes.Global : 0);

    private static ulong Flags(int bits, ulong b0, ulong b1 = 0, ulong b2 = 0, ulong b3 = 0, ulong b4 = 0, ulong b5 = 0) =>
        ((bits & 1) != 0 ? b0 : 0)
        | ((bits & 2) != 0 ? b1 : 0)
        | ((bits & 4) != 0 ? b2 : 0)
        | ((bits & 8) != 0 ? b3 : 0)
        | ((bits & 16) != 0 ? b4 : 0)
        | ((bits & 32) != 0 ? b5 : 0);

    private static byte[] NewMemory()
    {
        var memory = new byte[0x3000];
        BinaryPrimitives.WriteUInt64LittleEndian(memory.AsSpan(8 * 2), Directory | P);
        return memory;
    }

    private static void Write(byte[] memory, ulong pde, ulong pte)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(memory.AsSpan(Pde), pde);
        BinaryPrimitives.WriteUInt64LittleEndian(memory.AsSpan(Pte), pte);
    }

    private static void Check(
        in ProductExpectation expected,
        WalkResult result,
        byte[] memory,
        uint linear,
        in ProductAccess access,
        in ProductControls controls,
        ulong pde,
        ulong pte)
    {
        ulong pdeAfter = BinaryPrimitives.ReadUInt64LittleEndian(memory.AsSpan(Pde));
        ulong pteAfter = BinaryPrimitives.ReadUInt64LittleEndian(memory.AsSpan(Pte));
        if (!expected.Matches(result, linear, pdeAfter, pteAfter))
        {
            Assert.Fail($"{access} {controls} PDE {pde:X} PTE {pte:X}: {expected}, but {result}, PDE {pdeAfter:X} PTE {pteAfter:X}");
        }
    }
}
