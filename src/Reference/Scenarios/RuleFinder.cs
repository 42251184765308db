// Which rule has an MMU broken that answered what it must not? The one whose breach explains the answer: a processor of the
// specification with one rule broken on purpose gives the same. Tried in this order:
//
//   caches       something that had to be dropped was kept
//   fault        both fault, with another error code or CR2
//   registers    PDPTEs, WP, SMEP, SMAP, NXE, PSE or PGE count for something else
//   entries      bits of the entries on the way count for something else

using X86Pae.Reference.Specification;
using static X86Pae.Reference.Specification.SpecBits;

namespace X86Pae.Reference.Scenarios;

/// <summary>Finds the rule that a wrong answer breaks.</summary>
/// <param name="processor">The specification's processor as it is before the access.</param>
/// <param name="linear">Linear byte address.</param>
/// <param name="access">What was done, and by whom.</param>
/// <param name="comparesAttributes">Whether outcomes tell more than addresses.</param>
internal sealed class RuleFinder(SpecProcessor processor, uint linear, SpecAccess access, bool comparesAttributes)
{
    private readonly SpecMemory _memory = processor.Machine.Memory.Copy();

    private SpecRegisters Registers => processor.Registers;

    /// <summary>The rule for the flags that an access has set wrongly.</summary>
    public static Rule OfFlags(SpecAccess access, bool faults) => faults ? Rule.FlagsOfAFault
        : access.Kind == SpecKind.ReadModifyWrite ? Rule.ReadModifyWrite
        : Rule.Flags;

    /// <summary>The rule for a register write that was done, or refused, wrongly.</summary>
    /// <param name="processor">The specification's processor after the write.</param>
    /// <param name="register">The register.</param>
    /// <param name="value">The value.</param>
    /// <param name="expected">What the specification says of the write.</param>
    public static Rule OfWrite(SpecProcessor processor, SpecRegister register, ulong value, SpecWrite expected)
    {
        if (register is SpecRegister.Efer or SpecRegister.Pat)
        {
            return Rule.RegisterWrites;
        }

        if (!expected.GeneralProtection)
        {
            return expected.PdptesLoaded ? Rule.NotPresent
                : register == SpecRegister.Cr3 ? Rule.PdpteLoad
                : Rule.RegisterWrites;
        }

        uint cr3 = register == SpecRegister.Cr3 ? (uint)value : processor.Registers.Cr3;
        ulong reserved = processor.Registers.ReservedPdpteBits(cr3);
        return reserved == 0 ? Rule.RegisterWrites
            : reserved == Mask(63, 63) ? Rule.PdpteBit63
            : Rule.ReservedByWidth;
    }

    /// <summary>The rule for an outcome that is not permitted.</summary>
    /// <param name="actual">The outcome.</param>
    public Rule Of(SpecOutcome actual)
    {
        if (!Registers.Pg)
        {
            return Rule.Mode;
        }

        SpecOutcome expected = Walk(Registers, access);
        return OfCaches(actual, _ => true) ?? OfFault(expected, actual) ?? OfRegisters(actual) ?? OfEntries(actual) ?? OfDifference(expected, actual);
    }

    /// <summary>The rule for an outcome that only something explains which had to be dropped and was kept; null for any other.</summary>
    /// <param name="actual">The outcome.</param>
    /// <param name="isReached">Whether a way to an outcome can have been gone, by the flags in memory.</param>
    public Rule? OfCaches(SpecOutcome actual, Func<SpecPermitted, bool> isReached)
    {
        if (IsPermitted(processor.History, actual, isReached))
        {
            return Rule.Cacheable;
        }

        int shift = Registers.LargePageShift;
        (Rule Rule, Func<SpecDrop, bool> IsKept)[] broken =
        [
            (Rule.StaleDirectoryEntry, drop => drop.Kind == SpecDropKind.Page && drop.Linear >> shift != linear >> shift),
            (Rule.LargePageInPieces, drop => IsInvlpg(drop) && drop.Linear >> 12 != linear >> 12),
            (Rule.FaultInvalidates, drop => drop.Kind == SpecDropKind.Fault),
            (Rule.Invalidation, _ => true),
        ];
        foreach ((Rule rule, Func<SpecDrop, bool> isKept) in broken)
        {
            if (IsPermitted(processor.History.WithoutDrops(isKept), actual, isReached))
            {
                return rule;
            }
        }

        return null;
    }

    private static bool IsInvlpg(SpecDrop drop) =>
        drop.Kind is SpecDropKind.Page or SpecDropKind.NonGlobalPage;

    private bool IsPermitted(SpecHistory history, SpecOutcome actual, Func<SpecPermitted, bool> isReached)
    {
        List<SpecPermitted> permitted = [];
        history.Permitted(linear, access, permitted);
        return permitted.Exists(way => Same(way.Outcome, actual) && isReached(way));
    }

    private Rule? OfFault(SpecOutcome expected, SpecOutcome actual)
    {
        if (!expected.IsFault || !actual.IsFault)
        {
            return null;
        }

        if (expected.Cr2 != actual.Cr2)
        {
            return Rule.Cr2;
        }

        uint different = expected.ErrorCode ^ actual.ErrorCode;
        return different switch
        {
            1 when Bit(expected.ErrorCode, 3) => Rule.ReservedImpliesPresent,
            2 when access.Kind == SpecKind.ReadModifyWrite => Rule.ReadModifyWrite,
            4 when access.Mode == SpecMode.SupervisorImplicit => Rule.Implicit,
            _ when (different & 9) == 0 => Rule.ErrorCode,
            _ => null,
        };
    }

    private Rule? OfRegisters(SpecOutcome actual)
    {
        bool isTakenForAnother = access.Mode == SpecMode.SupervisorImplicit
            && (Same(Walk(Registers, access with { Mode = SpecMode.Supervisor }), actual)
                || Same(Walk(Registers, access with { Mode = SpecMode.User }), actual));
        if (isTakenForAnother)
        {
            return Rule.Implicit;
        }

        (Rule Rule, SpecRegisters Registers)[] broken =
        [
            (Rule.PdpteRegisters, Registers.WithPdptesFrom(Registers.Cr3)),
            (Rule.Cr3, Registers.WithPdptesFrom(Registers.Cr3 & ~0xFFFu)),
            (Rule.WriteProtect, Registers.With(cr0: 1u << 16)),
            (Rule.NoExecuteOff, Registers.With(efer: 1u << 11)),
            (Rule.Rights, Registers.With(cr4: 1u << 20)),
            (Rule.Rights, Registers.With(cr4: 1u << 21)),
            (Structural(Rule.LargePageWithoutPse), Registers.With(cr4: 1u << 4)),
            (Rule.GlobalAtFill, Registers.With(cr4: 1u << 7)),
        ];
        foreach ((Rule rule, SpecRegisters registers) in broken)
        {
            if (Same(Walk(registers, access), actual))
            {
                return rule;
            }
        }

        return null;
    }

    private Rule? OfEntries(SpecOutcome actual)
    {
        int width = processor.Features.MaxPhyAddr;
        SpecPde pde = processor.Machine.Tables.Pde(Registers, _memory, linear);
        (Rule Rule, ulong Pde, ulong Pte)[] ignored = Registers.Pae
            ?
            [
                (Rule.Bits62To52, Mask(62, 52), Mask(62, 52)),
                (Rule.ReservedByWidth, Mask(51, width), Mask(51, width)),
                (Rule.Rights, Mask(63, 63), Mask(63, 63)),
                (Rule.LargePagePat, pde.IsLarge ? Mask(12, 12) : 0, 0),
                (Rule.ReservedBits, pde.IsLarge ? Mask(20, 12) : 0, pde.IsLarge ? 0 : Mask(7, 7)),
                (Rule.ReservedBits, Mask(62, width) | (pde.IsLarge ? Mask(20, 12) : 0), Mask(62, width) | Mask(7, 7)),
                (Rule.IgnoredBits, Mask(11, 9), Mask(11, 9)),
            ]
            :
            [
                (Rule.TwoLevel, pde.IsLarge ? Mask(21, 12) : 0, pde.IsLarge ? 0 : Mask(7, 7)),
            ];
        foreach ((Rule rule, ulong inPde, ulong inPte) in ignored)
        {
            if (Same(WalkWithout(inPde, inPte), actual))
            {
                return rule;
            }
        }

        return null;
    }

    /// <summary>What is left: the kind of difference.</summary>
    private Rule OfDifference(SpecOutcome expected, SpecOutcome actual)
    {
        if (expected.IsFault)
        {
            return actual.IsFault ? Rule.Order
                : !Bit(expected.ErrorCode, 0) ? Structural(Rule.NotPresent)
                : Bit(expected.ErrorCode, 3) ? Structural(Rule.ReservedBits)
                : Rule.Rights;
        }

        if (actual.IsFault)
        {
            return !Bit(actual.ErrorCode, 0) ? Structural(Rule.PdpteLoad)
                : Bit(actual.ErrorCode, 3) ? Structural(Rule.IgnoredBits)
                : Rule.Rights;
        }

        return expected.PhysicalAddress != actual.PhysicalAddress ? OfAddress(expected, actual)
            : expected.PatIndex != actual.PatIndex ? Rule.MemoryTypes
            : expected.Global != actual.Global ? Rule.GlobalAtFill
            : expected.Dirty != actual.Dirty ? Rule.Flags
            : expected.LargePage != actual.LargePage ? Structural(Rule.LargePageWithoutPse)
            : Rule.Rights;
    }

    private Rule OfAddress(SpecOutcome expected, SpecOutcome actual)
    {
        ulong different = expected.PhysicalAddress ^ actual.PhysicalAddress;
        return Registers.A20Masked && different == Mask(20, 20) ? Rule.Mode
            : different == Mask(12, 12) && expected.LargePage ? Structural(Rule.LargePagePat)
            : Structural(Rule.Mode);
    }

    private Rule Structural(Rule rule) => Registers.Pae ? rule : Rule.TwoLevel;

    /// <summary>The outcome if some bits of the entries on the way were 0.</summary>
    private SpecOutcome WalkWithout(ulong inPde, ulong inPte)
    {
        SpecTables tables = processor.Machine.Tables;
        SpecPde pde = tables.Pde(Registers, _memory, linear);
        if (pde.Problem == SpecProblem.NotPresent)
        {
            return SpecOutcome.Fault(Registers, linear, access, pde.Problem);
        }

        SpecMemory memory = _memory.Copy();
        Clear(memory, pde.Address, inPde);
        SpecPde cleared = tables.Pde(Registers, memory, linear);
        if (cleared.Problem == SpecProblem.None && !cleared.IsLarge)
        {
            Clear(memory, SpecTables.TableEntryAddress(Registers, cleared.Value, linear), inPte);
        }

        return Walk(Registers, memory, access);
    }

    private void Clear(SpecMemory memory, ulong address, ulong bits) =>
        memory.Store(address, Registers.EntrySize, memory.Load(address, Registers.EntrySize) & ~bits);

    private SpecOutcome Walk(SpecRegisters registers, SpecAccess asked) => Walk(registers, _memory, asked);

    /// <summary>A walk that sets no flags.</summary>
    private SpecOutcome Walk(SpecRegisters registers, SpecMemory memory, SpecAccess asked)
    {
        SpecTables tables = processor.Machine.Tables;
        SpecPde pde = tables.Pde(registers, memory, linear);
        if (pde.Problem != SpecProblem.None)
        {
            return SpecOutcome.Fault(registers, linear, asked, pde.Problem);
        }

        SpecPage page = pde.IsLarge
            ? SpecTables.LargePage(registers, pde, linear)
            : tables.TablePage(registers, memory, pde.Value, linear);
        return SpecOutcome.Of(registers, linear, asked, page);
    }

    private bool Same(SpecOutcome one, SpecOutcome other) =>
        one.IsFault != other.IsFault ? false
        : one.IsFault ? (one.ErrorCode, one.Cr2) == (other.ErrorCode, other.Cr2)
        : !comparesAttributes ? one.PhysicalAddress == other.PhysicalAddress
        : one with { Dirty = access.IsWrite } == other with { Dirty = access.IsWrite };
}
