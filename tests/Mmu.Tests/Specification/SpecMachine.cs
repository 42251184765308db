// The paging unit as pae-paging.md describes it: sections 3 and 10 for the formats, 4 for rights and faults, 5 for A and D.

using static X86Pae.Tests.Specification.SpecBits;

namespace X86Pae.Tests.Specification;

/// <summary>An executable specification: obviously correct, without caches or speed, and without a line shared with the library.</summary>
internal sealed class SpecMachine(SpecFeatures features, SpecOptions options, SpecMemory memory)
{
    public SpecRegisters Registers { get; } = new(features, options, memory);

    public SpecMemory Memory => memory;

    /// <summary>Translates one linear address for one access.</summary>
    public SpecOutcome Translate(uint linear, SpecAccess access)
    {
        if (!Registers.Pg)
        {
            return new SpecOutcome { PhysicalAddress = Registers.OnBus(linear), User = true, Writable = true, Dirty = true };
        }

        return Registers.Pae ? TranslatePae(linear, access) : TranslateTwoLevel(linear, access);
    }

    private SpecOutcome TranslatePae(uint linear, SpecAccess access)
    {
        ulong pdpteAddress = Registers.OnBus((Registers.Cr3 & Mask(31, 5)) + (8 * (linear >> 30)));
        ulong pdpte = options.PdpteOnDemand ? memory.Load(pdpteAddress, 8) : Registers.Pdpte[linear >> 30];
        if (!Bit(pdpte, 0))
        {
            return NotPresent(linear, access);
        }

        if (options.PdpteOnDemand && (pdpte & Registers.ReservedInPdpte) != 0)
        {
            return ReservedBit(linear, access);
        }

        ulong pdeAddress = Registers.OnBus((pdpte & Mask(51, 12)) + (8 * ((linear >> 21) & 0x1FF)));
        ulong pde = memory.Load(pdeAddress, 8);
        if (!Bit(pde, 0))
        {
            return NotPresent(linear, access);
        }

        ulong reservedEverywhere = Mask(62, features.MaxPhyAddr) | (Registers.Nxe ? 0 : Mask(63, 63));
        if (Bit(pde, 7))
        {
            ulong reserved = reservedEverywhere | Mask(20, 13) | (features.Pat ? 0 : Mask(12, 12));
            if ((pde & reserved) != 0)
            {
                return ReservedBit(linear, access);
            }

            return Finish(
                linear, access, leaf: pde, leafAddress: pdeAddress, size: 8, combined: pde, executeDisable: pde,
                physical: (pde & Mask(51, 21)) | (linear & Mask(20, 0)), patBit: 12, large: true);
        }

        if ((pde & reservedEverywhere) != 0)
        {
            return ReservedBit(linear, access);
        }

        if (!options.AccessedOnlyOnSuccess)
        {
            SetBits(pdeAddress, 8, Mask(5, 5));
        }

        ulong pteAddress = Registers.OnBus((pde & Mask(51, 12)) + (8 * ((linear >> 12) & 0x1FF)));
        ulong pte = memory.Load(pteAddress, 8);
        if (!Bit(pte, 0))
        {
            return NotPresent(linear, access);
        }

        if ((pte & (reservedEverywhere | (features.Pat ? 0 : Mask(7, 7)))) != 0)
        {
            return ReservedBit(linear, access);
        }

        SpecOutcome outcome = Finish(
            linear, access, leaf: pte, leafAddress: pteAddress, size: 8, combined: pde & pte, executeDisable: pde | pte,
            physical: (pte & Mask(51, 12)) | (linear & Mask(11, 0)), patBit: 7, large: false);
        if (!outcome.IsFault)
        {
            SetBits(pdeAddress, 8, Mask(5, 5));
        }

        return outcome;
    }

    private SpecOutcome TranslateTwoLevel(uint linear, SpecAccess access)
    {
        ulong pdeAddress = Registers.OnBus((Registers.Cr3 & Mask(31, 12)) + (4 * (linear >> 22)));
        ulong pde = memory.Load(pdeAddress, 4);
        if (!Bit(pde, 0))
        {
            return NotPresent(linear, access);
        }

        if (Registers.Pse && Bit(pde, 7))
        {
            int lowestReserved = features.Pse36 ? Math.Min(40, features.MaxPhyAddr) - 19 : 13;
            ulong reserved = Mask(21, lowestReserved) | (features.Pat ? 0 : Mask(12, 12));
            if ((pde & reserved) != 0)
            {
                return ReservedBit(linear, access);
            }

            ulong above4GiB = (pde & Mask(20, 13)) >> 13 << 32;
            return Finish(
                linear, access, leaf: pde, leafAddress: pdeAddress, size: 4, combined: pde, executeDisable: 0,
                physical: (pde & Mask(31, 22)) | above4GiB | (linear & Mask(21, 0)), patBit: 12, large: true);
        }

        if (!options.AccessedOnlyOnSuccess)
        {
            SetBits(pdeAddress, 4, Mask(5, 5));
        }

        ulong pteAddress = Registers.OnBus((pde & Mask(31, 12)) + (4 * ((linear >> 12) & 0x3FF)));
        ulong pte = memory.Load(pteAddress, 4);
        if (!Bit(pte, 0))
        {
            return NotPresent(linear, access);
        }

        if (Registers.Pse && !features.Pat && Bit(pte, 7))
        {
            return ReservedBit(linear, access);
        }

        SpecOutcome outcome = Finish(
            linear, access, leaf: pte, leafAddress: pteAddress, size: 4, combined: pde & pte, executeDisable: 0,
            physical: (pte & Mask(31, 12)) | (linear & Mask(11, 0)), patBit: 7, large: false);
        if (!outcome.IsFault)
        {
            SetBits(pdeAddress, 4, Mask(5, 5));
        }

        return outcome;
    }

    /// <summary>The end of every walk: rights over all levels, then A and D of the leaf.</summary>
    private SpecOutcome Finish(
        uint linear,
        SpecAccess access,
        ulong leaf,
        ulong leafAddress,
        int size,
        ulong combined,
        ulong executeDisable,
        ulong physical,
        int patBit,
        bool large)
    {
        bool user = Bit(combined, 2);
        bool writable = Bit(combined, 1);
        bool xd = Registers.Nxe && Bit(executeDisable, 63);
        if (SpecRights.Denied(access, user, writable, xd, Registers.Wp, Registers.Smep, Registers.Smap))
        {
            return Fault(linear, access, present: true, reserved: false);
        }

        SetBits(leafAddress, size, Mask(5, 5) | (access.IsWrite ? Mask(6, 6) : 0));
        return new SpecOutcome
        {
            PhysicalAddress = Registers.OnBus(physical),
            User = user,
            Writable = writable,
            ExecuteDisable = xd,
            PatIndex = (Bit(leaf, patBit) ? 4 : 0) + (Bit(leaf, 4) ? 2 : 0) + (Bit(leaf, 3) ? 1 : 0),
            Dirty = Bit(leaf, 6) || access.IsWrite,
            Global = Registers.Pge && Bit(leaf, 8),
            LargePage = large,
        };
    }

    private SpecOutcome NotPresent(uint linear, SpecAccess access) => Fault(linear, access, present: false, reserved: false);

    private SpecOutcome ReservedBit(uint linear, SpecAccess access) => Fault(linear, access, present: true, reserved: true);

    /// <summary>The error code of 4.4, bit by bit.</summary>
    private SpecOutcome Fault(uint linear, SpecAccess access, bool present, bool reserved)
    {
        bool fetchReported = Registers.Smep || (Registers.Pae && Registers.Nxe);
        uint errorCode = 0;
        errorCode += present ? 1u : 0;
        errorCode += access.IsWrite ? 2u : 0;
        errorCode += access.IsUser ? 4u : 0;
        errorCode += reserved ? 8u : 0;
        errorCode += access.IsFetch && fetchReported ? 16u : 0;
        return new SpecOutcome { IsFault = true, ErrorCode = errorCode, Cr2 = linear };
    }

    private void SetBits(ulong address, int size, ulong bits) =>
        memory.Store(address, size, memory.Load(address, size) | bits);
}
