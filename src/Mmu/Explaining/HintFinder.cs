using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Explaining;

/// <summary>Finds frequent mistakes in registers, tables and caches.</summary>
internal static class HintFinder
{
    // The frame of a 32-bit entry in the high half of 64 bits, without bit 63, which may be XD.
    private const ulong HighFrame = 0x7FFF_F000_0000_0000;
    private const ulong Bits62To52 = 0x7FF0_0000_0000_0000;

    /// <summary>Finds the likely mistakes, the most fundamental first.</summary>
    /// <param name="reader">The memory.</param>
    /// <param name="control">Registers of the processor.</param>
    /// <param name="explanation">The explanation without hints.</param>
    public static IReadOnlyList<Hint> Find<TBus>(
        ref ReadOnlyBus<TBus> reader, ControlRegisters control, WalkExplanation explanation)
        where TBus : struct, IBus, allows ref struct
    {
        var hints = new List<Hint>();
        ControlValues values = explanation.Control;
        if (values.Mode == PagingMode.None)
        {
            Add(HintKind.PagingOff, "CR0.PG = 0: linear addresses are physical addresses, and no table is looked at.");
        }

        if (values.Mode != PagingMode.None || values.Has(Cr4.PhysicalAddressExtension))
        {
            CheckBase(hints, values);
            Span<ulong> pdpt = stackalloc ulong[PdpteRegisters.Count];
            for (uint i = 0; i < pdpt.Length; i++)
            {
                pdpt[(int)i] = reader.LoadEntry64(((values.Cr3 & 0xFFFF_FFE0) + (8 * i)) & control.State.AddressMask);
            }

            CheckPdpt(hints, control, values, pdpt);
        }

        if (explanation.PdpteIsStale)
        {
            Add(HintKind.PdpteNotReloaded, $"The PDPTE in memory is {explanation.PdpteInMemory:x16}, but the register still has "
                + "what it was loaded with. Write CR3 after a change of the PDPT; INVLPG does not reload it [4.4.1].");
        }

        WalkPath walked = explanation.Source == TranslationSource.PdeCache ? explanation.FromPdeCache! : explanation.Tables;
        CheckEntries(hints, values, walked.Entries);
        CheckCaches(hints, explanation);
        if (values.Mode != PagingMode.None && explanation is { Access: { IsWrite: true, IsUser: false }, Result.IsFault: false }
            && (explanation.Result.Attributes & PageAttributes.Writable) == 0)
        {
            Add(HintKind.WriteProtectOff, "The page is read-only, and CR0.WP = 0 lets supervisor writes pass all the same.");
        }

        return hints;

        void Add(HintKind kind, string text) => hints.Add(new Hint(kind, text));
    }

    private static void CheckBase(List<Hint> hints, ControlValues values)
    {
        // Bits 4:3 are PCD and PWT in two-level paging; with PAE they mean nothing, like the others.
        bool pae = values.Has(Cr4.PhysicalAddressExtension);
        uint ignored = values.Cr3 & (pae ? 0x1Fu : 0xFE7u);
        if (ignored != 0)
        {
            string what = pae ? "a PDPT is aligned to 32 bytes" : "a page directory is aligned to 4 KiB";
            hints.Add(new Hint(
                HintKind.MisalignedBase,
                $"CR3 bits {EntryText.Bits(ignored)} are set and ignored: {what}, and is read at {values.TableBase:x8}."));
        }
    }

    private static void CheckPdpt(List<Hint> hints, ControlRegisters control, ControlValues values, ReadOnlySpan<ulong> pdpt)
    {
        ulong reserved = values.Has(Cr4.PhysicalAddressExtension)
            ? control.State.ReservedPdpte
            : PdpteRegisters.ReservedLow | (ulong.MaxValue << values.MaxPhyAddr);
        string consequence = values switch
        {
            { PdpteMode: PdpteMode.WalkOnDemand } => "using it is a page fault with RSVD",
            { Mode: PagingMode.None } => "setting CR0.PG raises #GP(0)",
            _ => "writing CR3 raises #GP(0)",
        };

        bool looksLikePdpt = true;
        bool anyPresent = false;
        for (int i = 0; i < pdpt.Length; i++)
        {
            bool present = (pdpt[i] & EntryBits.Present) != 0;
            ulong bad = present ? pdpt[i] & reserved : 0;
            anyPresent |= present;
            looksLikePdpt &= present ? bad == 0 && (pdpt[i] & EntryBits.Frame) != 0 : pdpt[i] == 0;
            if (bad == 0 || !values.Has(Cr4.PhysicalAddressExtension))
            {
                continue;
            }

            string where = $"PDPTE {i} in memory ({pdpt[i]:x16})";
            if (pdpt[i] == ulong.MaxValue)
            {
                hints.Add(new Hint(HintKind.OpenBus, $"{where} is all ones, as where no memory is: {consequence}."));
                break;
            }

            if (LooksTwoLevel(pdpt[i]))
            {
                hints.Add(new Hint(
                    HintKind.TwoLevelEntries,
                    $"{where} looks like two 32-bit entries; with CR4.PAE = 1 CR3 points to four of 64 bits."));
            }
            else if ((bad & (EntryBits.Writable | EntryBits.User)) != 0)
            {
                hints.Add(new Hint(
                    HintKind.PdpteRights, $"{where} has R/W or U/S set, which a PDPTE does not have: {consequence} [4.4.1]."));
            }
            else
            {
                hints.Add(new Hint(
                    HintKind.PdpteReservedBits,
                    $"{where} has reserved bits set ({EntryText.Bits(bad)}): {consequence} [4.4.1]."));
            }
        }

        if (values.Mode == PagingMode.TwoLevel && anyPresent && looksLikePdpt)
        {
            hints.Add(new Hint(
                HintKind.PaeForgotten,
                $"CR4.PAE = 0, but at {values.Cr3 & 0xFFFF_FFE0:x8} stands what looks like a PDPT: set CR4.PAE before CR0.PG."));
        }
    }

    private static void CheckEntries(List<Hint> hints, ControlValues values, IReadOnlyList<ExplainedEntry> entries)
    {
        foreach (ExplainedEntry entry in entries.Where(entry => entry.Level != WalkLevel.Pdpte))
        {
            string name = EntryText.NameOf(entry.Level);
            ulong allOnes = values.Mode == PagingMode.Pae ? ulong.MaxValue : uint.MaxValue;
            if (entry.Raw == allOnes)
            {
                hints.Add(new Hint(
                    HintKind.OpenBus,
                    $"The {name} at {entry.Address:x} is all ones, as where no memory is: check the address of its table."));
            }
            else if (values.Mode == PagingMode.Pae && LooksTwoLevel(entry.Raw))
            {
                hints.Add(new Hint(
                    HintKind.TwoLevelEntries,
                    $"The {name} looks like two 32-bit entries; with CR4.PAE = 1 entries have 64 bits."));
            }
            else
            {
                CheckReservedBits(hints, entry, name);
            }

            if (values.Mode == PagingMode.TwoLevel && !values.Has(Cr4.PageSizeExtensions)
                && entry is { Level: WalkLevel.Pde, IsPresent: true } && (entry.Raw & EntryBits.LargePage) != 0)
            {
                hints.Add(new Hint(
                    HintKind.LargePageWithoutPse,
                    "PS is set in the PDE, but CR4.PSE = 0: it is taken to point to a page table [4.3]."));
            }
        }
    }

    private static void CheckReservedBits(List<Hint> hints, ExplainedEntry entry, string name)
    {
        if ((entry.ReservedBits & EntryBits.ExecuteDisable) != 0)
        {
            hints.Add(new Hint(
                HintKind.ExecuteDisableWithoutNxe,
                $"Bit 63 of the {name} is XD only while EFER.NXE = 1; set NXE on every processor before that [4.4.2]."));
        }

        ulong longMode = entry.ReservedBits & Bits62To52;
        if (longMode != 0)
        {
            hints.Add(new Hint(
                HintKind.LongModeBits,
                $"Bits {EntryText.Bits(longMode)} of the {name}: 62:52 are free in long mode, but reserved with PAE [4.4.2]."));
        }
    }

    private static void CheckCaches(List<Hint> hints, WalkExplanation explanation)
    {
        if (explanation.Caches is not { } caches)
        {
            return;
        }

        CachedTranslation?[] sides = [caches.Data, caches.Instruction];
        CachedTranslation[] stale = [.. sides.OfType<CachedTranslation>().Where(side => side.IsStale)];
        if (stale.Length > 0)
        {
            bool global = stale.Any(side => (side.Attributes & PageAttributes.Global) != 0);
            string beyond = global ? " It is global: a write of CR3 keeps it." : string.Empty;
            hints.Add(new Hint(
                HintKind.StaleTranslation,
                $"The TLB holds a translation that the tables no longer give: INVLPG after a change [4.10.4.2].{beyond}"));
        }

        if (caches.Pde is { IsStale: true })
        {
            hints.Add(new Hint(
                HintKind.StalePde,
                "The PDE cache holds an entry that the directory no longer has: INVLPG or a write of CR3 drops it [4.10.4.2]."));
        }
    }

    // As two 32-bit entries: both are present with the same rights, and the upper one has a frame.
    private static bool LooksTwoLevel(ulong entry) =>
        (entry & EntryBits.Present) != 0 && (((entry >> 32) ^ entry) & 7) == 0 && (entry & HighFrame) != 0;
}
