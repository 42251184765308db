using System.Globalization;
using System.Text;
using X86Pae.Paging;

namespace X86Pae.Explaining;

/// <summary>Writes an explanation as text: a heading, then blocks with a label in the first column.</summary>
internal sealed class ExplanationText
{
    private const int Width = 110;
    private const int Indent = 12;

    private static readonly string[] FlagColumns = ["P", "R/W", "U/S", "PWT", "PCD", "A", "D", "PS", "PAT", "G", "XD", "avl"];

    private readonly StringBuilder _text = new();
    private readonly WalkExplanation _explanation;
    private readonly int _addressDigits;
    private readonly int _rawDigits;

    private ExplanationText(WalkExplanation explanation)
    {
        _explanation = explanation;
        _addressDigits = Math.Max(9, (explanation.Control.MaxPhyAddr + 3) / 4);
        _rawDigits = explanation.Control.Mode == PagingMode.Pae ? 16 : 8;
    }

    /// <summary>The text of an explanation.</summary>
    /// <param name="explanation">The explanation.</param>
    public static string Of(WalkExplanation explanation)
    {
        var text = new ExplanationText(explanation);
        text.WriteHeading();
        text.WriteControl();
        text.WritePath("tables", explanation.Tables);
        text.WriteCaches();
        text.WriteResult();
        text.WriteHints();
        return text._text.ToString().TrimEnd('\n');
    }

    private void WriteHeading()
    {
        _text.Append(CultureInfo.InvariantCulture, $"{NameOf(_explanation.Access)} of linear {_explanation.Linear:x8}\n\n");
    }

    private void WriteControl()
    {
        ControlValues control = _explanation.Control;
        uint linear = _explanation.Linear;
        WriteLine("mode", control.Mode switch
        {
            PagingMode.None => "paging off (CR0.PG = 0)",
            PagingMode.TwoLevel => "two-level paging (CR4.PAE = 0)",
            _ => $"PAE paging, MAXPHYADDR {control.MaxPhyAddr}",
        });
        WriteLine(
            "CR0",
            $"{(uint)control.Cr0:x8}  PG={Bit(control.Has(Cr0.Paging))} WP={Bit(control.Has(Cr0.WriteProtect))}");
        WriteLine(
            "CR4",
            $"{(uint)control.Cr4:x8}  PAE={Bit(control.Has(Cr4.PhysicalAddressExtension))}"
            + $" PSE={Bit(control.Has(Cr4.PageSizeExtensions))} PGE={Bit(control.Has(Cr4.PageGlobalEnable))}"
            + $" SMEP={Bit(control.Has(Cr4.SupervisorExecutionPrevention))}"
            + $" SMAP={Bit(control.Has(Cr4.SupervisorAccessPrevention))}");
        WriteLine("EFER", $"{(uint)control.Efer:x8}  NXE={Bit(control.Has(Efer.ExecuteDisableEnable))}");
        string registers = control switch
        {
            { Mode: PagingMode.None } => "not used",
            { Mode: PagingMode.TwoLevel } => $"page directory at {control.TableBase:x8}",
            { PdpteMode: PdpteMode.WalkOnDemand } => $"PDPT at {control.TableBase:x8}, read on each walk",
            _ => $"PDPT at {control.TableBase:x8}, read into the PDPTE registers by the last load",
        };
        WriteLine("CR3", $"{control.Cr3:x8}  {registers}");
        if (control.A20Masked)
        {
            WriteLine("A20M#", "physical address bit 20 is forced to 0");
        }

        if (control.Mode != PagingMode.None)
        {
            bool large = _explanation.Tables.Entries is [.., { Format: EntryFormat.LargePagePde }];
            WriteLine("indices", control.Mode == PagingMode.Pae
                ? large ? $"GiB {linear >> 30}, PDE {(linear >> 21) & 0x1FF}, offset {linear & 0x1F_FFFF:x6}"
                : $"GiB {linear >> 30}, PDE {(linear >> 21) & 0x1FF}, PTE {(linear >> 12) & 0x1FF}, offset {linear & 0xFFF:x3}"
                : large ? $"PDE {linear >> 22}, offset {linear & 0x3F_FFFF:x6}"
                : $"PDE {linear >> 22}, PTE {(linear >> 12) & 0x3FF}, offset {linear & 0xFFF:x3}");
        }

        _text.Append('\n');
    }

    private void WritePath(string label, WalkPath path)
    {
        if (path.Entries.Count == 0)
        {
            return;
        }

        string flags = string.Join(' ', FlagColumns);
        _text.Append(
            CultureInfo.InvariantCulture,
            $"{label,-Indent}{"address".PadRight(_addressDigits)}  {"raw".PadRight(_rawDigits)}  {flags}"
            + $"  {"base".PadRight(_addressDigits)}  U W XD\n");
        foreach (ExplainedEntry entry in path.Entries)
        {
            WriteEntry(entry);
        }

        _text.Append('\n');
    }

    private void WriteEntry(ExplainedEntry entry)
    {
        string address = entry.Source switch
        {
            EntrySource.Register => "register",
            EntrySource.PdeCache => "PDE cache",
            _ => Address(entry.Address),
        };
        string flags = string.Join(' ', FlagColumns.Select(name => Flag(entry, name)));
        string target = entry.IsUsable ? Address(entry.Target) : "-";
        string rights = entry.RightsSoFar is { } so
            ? $"{Bit(so, PageAttributes.User)} {Bit(so, PageAttributes.Writable)} {Bit(so, PageAttributes.ExecuteDisable)}"
            : "- - -";
        string raw = Raw(entry.Raw);
        string place = $"{EntryText.NameOf(entry.Level),-5} {entry.Index}";
        _text.Append(
            CultureInfo.InvariantCulture,
            $"{place,-Indent}{address.PadRight(_addressDigits)}  {raw}  {flags}  {target.PadRight(_addressDigits)}  {rights}\n");
        if (entry.ReservedBits != 0)
        {
            foreach (EntryField field in entry.Fields.Where(field => field is { Use: FieldUse.Reserved, Value: not 0 }))
            {
                string set = EntryText.Bits(field.Value << field.LowBit);
                WriteLine(string.Empty, $"reserved {EntryText.Bits(field.HighBit, field.LowBit)} ({field.Note}): {set} set");
            }
        }

        if (entry.Source == EntrySource.Register && _explanation.PdpteIsStale)
        {
            WriteLine(string.Empty, $"in memory at {Address(entry.Address)} now: {_explanation.PdpteInMemory:x16}");
        }
    }

    private void WriteCaches()
    {
        if (_explanation.Caches is not { } caches)
        {
            return;
        }

        WriteTranslation("data TLB", caches.Data);
        WriteTranslation("code TLB", caches.Instruction);
        WriteLine("PDE cache", caches.Pde is { } pde
            ? $"{Raw(pde.Raw)}{Since("after translation", pde.FillsBefore, pde.FillsSince)}, {Verdict(pde.IsStale)}"
            : "nothing");
        _text.Append('\n');
        if (_explanation is { FromPdeCache: { } path, Source: TranslationSource.PdeCache } && caches.Pde is { IsStale: true })
        {
            WritePath("used", path);
        }
    }

    private void WriteTranslation(string label, CachedTranslation? held)
    {
        if (held is not { } translation)
        {
            WriteLine(label, "nothing");
            return;
        }

        string since = Since("filled as translation", translation.Number, translation.FillsSince);
        WriteLine(label, $"{Address(translation.PhysicalAddress)}, {PageText(translation.Attributes)}");
        WriteLine(string.Empty, $"PAT type {NameOf(translation.PatType)}{since}, {Verdict(translation.IsStale)}");
    }

    private void WriteResult()
    {
        WalkResult result = _explanation.Result;
        string by = _explanation.Source switch
        {
            TranslationSource.Identity => "no translation",
            TranslationSource.Tlb => "by the TLB",
            TranslationSource.PdeCache => "by a walk from the PDE cache",
            _ => "by a walk of the tables",
        };
        if (!result.IsFault)
        {
            string page = _explanation.Source == TranslationSource.Identity ? string.Empty : $", {PageText(result.Attributes)}";
            WriteLine("result", $"physical {Address(result.PhysicalAddress)}{page}; {by}");
            return;
        }

        PageFaultErrorCode code = result.Fault.ErrorCode;
        WriteLine(
            "result",
            $"page fault, CR2 {result.Fault.Cr2:x8}, error code {(int)code:x2}: P={Bit(code, PageFaultErrorCode.Present)}"
            + $" W/R={Bit(code, PageFaultErrorCode.Write)} U/S={Bit(code, PageFaultErrorCode.User)}"
            + $" RSVD={Bit(code, PageFaultErrorCode.Reserved)} I/D={Bit(code, PageFaultErrorCode.Fetch)}; {by}");
        foreach (FaultReason reason in _explanation.Reasons)
        {
            WriteLine("because", reason.ToString());
        }
    }

    private void WriteHints()
    {
        foreach (Hint hint in _explanation.Hints)
        {
            WriteLine("hint", hint.Text);
        }
    }

    /// <summary>A label and a text, wrapped between words.</summary>
    private void WriteLine(string label, string text)
    {
        string prefix = label.PadRight(Indent);
        while (text.Length > Width - Indent)
        {
            int end = text.LastIndexOf(' ', Width - Indent);
            _text.Append(prefix).Append(text.AsSpan(0, end)).Append('\n');
            prefix = new string(' ', Indent);
            text = text[(end + 1)..];
        }

        _text.Append(prefix).Append(text).Append('\n');
    }

    private string Address(ulong address) => address.ToString($"x{_addressDigits}", CultureInfo.InvariantCulture);

    private string Raw(ulong entry) => entry.ToString($"x{_rawDigits}", CultureInfo.InvariantCulture);

    // A field is as wide as its column head; - stands for a field that the entry does not have or the processor ignores.
    private static string Flag(ExplainedEntry entry, string name)
    {
        string value = entry.ValueOf(name) is { } set ? set.ToString("x", CultureInfo.InvariantCulture) : "-";
        return value.PadLeft((name.Length + 1) / 2).PadRight(name.Length);
    }

    private string PageText(PageAttributes page)
    {
        string size = (page & PageAttributes.Large) == 0 ? "4-KiB"
            : _explanation.Control.Mode == PagingMode.TwoLevel ? "4-MiB" : "2-MiB";
        return $"{size} page U={Bit(page, PageAttributes.User)} W={Bit(page, PageAttributes.Writable)}"
            + $" XD={Bit(page, PageAttributes.ExecuteDisable)} G={Bit(page, PageAttributes.Global)}"
            + $" D={Bit(page, PageAttributes.Dirty)} PAT={Bit(page, PageAttributes.Pat)}"
            + $" PCD={Bit(page, PageAttributes.CacheDisable)} PWT={Bit(page, PageAttributes.WriteThrough)}";
    }

    private static string NameOf(Access access)
    {
        string mode = access.Mode switch
        {
            AccessMode.User => "user",
            AccessMode.Supervisor => "supervisor",
            _ => "implicit supervisor",
        };
        string kind = access.Kind switch
        {
            AccessKind.Read => "read",
            AccessKind.Write => "write",
            AccessKind.Fetch => "fetch",
            _ => "read-modify-write",
        };
        return $"{mode} {kind}{(access.OverridesSmap ? " with EFLAGS.AC = 1" : string.Empty)}";
    }

    private static string NameOf(MemoryType type) => type switch
    {
        MemoryType.Uncacheable => "UC",
        MemoryType.WriteCombining => "WC",
        MemoryType.WriteThrough => "WT",
        MemoryType.WriteProtected => "WP",
        MemoryType.WriteBack => "WB",
        _ => "UC-",
    };

    private static string Since(string what, uint? number, uint? fills) =>
        number is null || fills is null ? string.Empty : $", {what} {number} ({Ago(fills.Value)})";

    private static string Ago(uint fills) => fills switch
    {
        0 => "the last one",
        1 => "1 fill ago",
        _ => $"{fills} fills ago",
    };

    private static string Verdict(bool stale) => stale ? "DIFFERS from the tables" : "agrees with the tables";

    private static char Bit(bool set) => set ? '1' : '0';

    private static char Bit(PageAttributes attributes, PageAttributes attribute) => Bit((attributes & attribute) != 0);

    private static char Bit(PageFaultErrorCode code, PageFaultErrorCode bit) => Bit((code & bit) != 0);
}
