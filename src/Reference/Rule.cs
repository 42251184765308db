// The rules that a check can name, with the numbers, titles and sections of docs/rules.md.

using System.Globalization;

namespace X86Pae.Reference;

/// <summary>A rule of the architecture that an MMU has broken.</summary>
/// <param name="Number">Its number in the list of rules: 14 for C14.</param>
/// <param name="Title">What it is about.</param>
/// <param name="Manual">Sections of the Intel SDM, revision 059: of volume 3 unless it says otherwise.</param>
public sealed record Rule(int Number, string Title, string Manual)
{
    internal static readonly Rule Mode = new(1, "Which mode translates", "4.1.1, 4.1.2; 8.7.13.4 for A20M#");

    internal static readonly Rule Cr3 = new(2, "CR3 in PAE paging", "4.4.1, table 4-7");

    internal static readonly Rule PdpteLoad = new(3, "What loads the registers", "4.4.1");

    internal static readonly Rule ReservedByWidth = new(5, "Reserved bits depend on M", "4.4.1 and 4.4.2, tables 4-8 to 4-11");

    internal static readonly Rule NotPresent = new(6, "An entry that is not present", "4.4.1 with its footnote on P = 0, 4.4.2");

    internal static readonly Rule RefusedWrite = new(7, "A refused load changes nothing", "4.4.1; volume 2, MOV to control registers");

    internal static readonly Rule PdpteBit63 = new(8, "A PDPTE has no execute-disable bit", "table 4-8");

    internal static readonly Rule PdpteRegisters = new(9, "An edit of the table in memory is not seen", "4.4.2 footnote, 4.10.4.2");

    internal static readonly Rule ReservedBits = new(10, "Reserved bits of directory and table entries", "4.4.2, tables 4-9 to 4-11; 5.13.3");

    internal static readonly Rule LargePageWithoutPse = new(11, "2-MiB pages do not need CR4.PSE", "4.1.3, 4.4.2");

    internal static readonly Rule IgnoredBits = new(12, "Ignored bits have no effect", "4.4.2, tables 4-8 to 4-11; 4.6.1, 4.10.2.2");

    internal static readonly Rule LargePagePat = new(13, "Bit 12 of a 2-MiB PDE is PAT", "table 4-9");

    internal static readonly Rule Bits62To52 = new(14, "Bits 62:52 are reserved", "tables 4-9 to 4-11");

    internal static readonly Rule Rights = new(20, "Who may do what", "4.6.1");

    internal static readonly Rule WriteProtect = new(21, "CR0.WP concerns the supervisor alone", "4.1.3, 4.6.1");

    internal static readonly Rule NoExecuteOff = new(22, "EFER.NXE = 0", "4.4.2, 5.13.1, 5.13.3");

    internal static readonly Rule ErrorCode = new(30, "The error code", "4.7, 6.15");

    internal static readonly Rule Order = new(31, "The order of the checks", "4.7");

    internal static readonly Rule ReservedImpliesPresent = new(32, "RSVD implies P", "4.7");

    internal static readonly Rule Cr2 = new(33, "CR2", "4.7, 6.15");

    internal static readonly Rule Implicit = new(34, "Implicit accesses", "4.6.1");

    internal static readonly Rule Flags = new(40, "Where A and D are set", "4.8");

    internal static readonly Rule FlagsOfAFault = new(41, "When the access faults", "4.8, 6.15");

    internal static readonly Rule CleanCachedPage = new(44, "A write through a clean cached page", "4.8, 4.10.2.3");

    internal static readonly Rule ReadModifyWrite = new(45, "A read-modify-write is a write", "4.7, 4.8; volume 2, CMPXCHG");

    internal static readonly Rule Cacheable = new(50, "What may be kept", "4.10.2.2 to 4.10.2.4, 4.10.3.1");

    internal static readonly Rule Invalidation = new(51, "What each operation drops", "4.10.4.1, 11.9, 11.11.8; volume 2, INVLPG, INVPCID");

    internal static readonly Rule LargePageInPieces = new(52, "A large page in pieces", "4.10.2.3");

    internal static readonly Rule GlobalPages = new(53, "Global translations", "4.10.2.4, 4.10.4.1");

    internal static readonly Rule GlobalAtFill = new(54, "G counts only while PGE is set", "4.10.2.4");

    internal static readonly Rule StaleDirectoryEntry = new(55, "A stale directory entry", "4.10.3.1, 4.10.3.2, 4.10.4.1");

    internal static readonly Rule FaultInvalidates = new(56, "A page fault drops what it was about", "4.10.4.1");

    internal static readonly Rule OneProcessor = new(58, "Each processor has caches of its own", "4.10.5");

    internal static readonly Rule PageCrossing = new(60, "An access over two pages", "4.7; 8.1.1");

    internal static readonly Rule Wrap = new(61, "The end of the address space", "22.33.1 leaves the wrap of segments open; for paging it was measured on QEMU and Bochs");

    internal static readonly Rule TaskSwitch = new(70, "Task switches", "7.3, 4.4.1");

    internal static readonly Rule MemoryTypes = new(71, "Memory types", "4.9, 11.5.2 (tables 11-6 and 11-7), 11.11, 11.12");

    internal static readonly Rule RegisterWrites = new(72, "Which register writes are legal", "2.5, 4.1.1 to 4.1.4, 5.13.1, 9.1, 11.12.2; volume 2, MOV to control registers, LMSW, CLTS");

    internal static readonly Rule Invpcid = new(73, "INVPCID and INVLPG", "volume 2, INVLPG and INVPCID");

    internal static readonly Rule TwoLevel = new(80, "32-bit paging without PAE", "4.3, tables 4-3 to 4-6; 4.7, 4.8, 4.9");

    /// <summary>The number as it is cited: <c>C14</c>.</summary>
    public string Name => "C" + Number.ToString("00", CultureInfo.InvariantCulture);

    /// <summary>Number, title and sections in one line.</summary>
    public override string ToString() => $"{Name}: {Title} (Intel SDM vol. 3, {Manual})";
}
