namespace X86Pae.Reference.Specification;

/// <summary>Outcome of a translation: a fault with its error code and CR2, or an address with its attributes.</summary>
public readonly record struct SpecOutcome
{
    /// <summary>Whether the access raises a page fault.</summary>
    public bool IsFault { get; init; }

    /// <summary>Error code of the fault; 0 where there is none.</summary>
    public uint ErrorCode { get; init; }

    /// <summary>Linear byte address of the fault; 0 where there is none.</summary>
    public uint Cr2 { get; init; }

    /// <summary>Physical byte address; 0 for a fault.</summary>
    public ulong PhysicalAddress { get; init; }

    /// <summary>U/S of all levels.</summary>
    public bool User { get; init; }

    /// <summary>R/W of all levels.</summary>
    public bool Writable { get; init; }

    /// <summary>XD of any level.</summary>
    public bool ExecuteDisable { get; init; }

    /// <summary>4 * PAT + 2 * PCD + PWT of the leaf.</summary>
    public int PatIndex { get; init; }

    /// <summary>D of the leaf after the access.</summary>
    public bool Dirty { get; init; }

    /// <summary>G of the leaf, with CR4.PGE set.</summary>
    public bool Global { get; init; }

    /// <summary>Whether the page is one of 2 or 4 MiB.</summary>
    public bool LargePage { get; init; }

    /// <summary>A page fault.</summary>
    /// <param name="errorCode">Its error code.</param>
    /// <param name="cr2">What CR2 receives: the linear byte address.</param>
    public static SpecOutcome PageFault(uint errorCode, uint cr2) =>
        new() { IsFault = true, ErrorCode = errorCode, Cr2 = cr2 };

    /// <summary>A translation, of which nothing but the physical address is told.</summary>
    /// <param name="physicalAddress">Physical byte address.</param>
    public static SpecOutcome Translated(ulong physicalAddress) => new() { PhysicalAddress = physicalAddress };

    /// <summary>With paging off every address is its own translation.</summary>
    internal static SpecOutcome Identity(SpecRegisters registers, uint linear) =>
        new() { PhysicalAddress = registers.OnBus(linear), User = true, Writable = true, Dirty = true };

    /// <summary>What an access to a page comes to; rights are evaluated by the registers as they are now.</summary>
    internal static SpecOutcome Of(SpecRegisters registers, uint linear, SpecAccess access, SpecPage page)
    {
        bool denied = page.Problem == SpecProblem.None && SpecRights.Denied(
            access, page.User, page.Writable, page.ExecuteDisable, registers.Wp, registers.Smep, registers.Smap);
        if (page.Problem != SpecProblem.None || denied)
        {
            return Fault(registers, linear, access, page.Problem);
        }

        return new SpecOutcome
        {
            PhysicalAddress = page.PhysicalAddress,
            User = page.User,
            Writable = page.Writable,
            ExecuteDisable = page.ExecuteDisable,
            PatIndex = page.PatIndex,
            Dirty = page.Dirty || access.IsWrite,
            Global = page.Global,
            LargePage = page.Large,
        };
    }

    /// <summary>The error code, bit by bit (rule C30); without a problem in the tables it is the rights that are missing.</summary>
    internal static SpecOutcome Fault(SpecRegisters registers, uint linear, SpecAccess access, SpecProblem problem)
    {
        bool fetchReported = registers.Smep || (registers.Pae && registers.Nxe);
        uint errorCode = 0;
        errorCode += problem != SpecProblem.NotPresent ? 1u : 0;
        errorCode += access.IsWrite ? 2u : 0;
        errorCode += access.IsUser ? 4u : 0;
        errorCode += problem == SpecProblem.Reserved ? 8u : 0;
        errorCode += access.IsFetch && fetchReported ? 16u : 0;
        return PageFault(errorCode, linear);
    }

    /// <summary>The fault, or the address with the attributes that are set.</summary>
    public override string ToString() => IsFault ? $"#PF error {ErrorCode:X} CR2 {Cr2:X8}"
        : this == Translated(PhysicalAddress) ? $"physical {PhysicalAddress:X}"
        : $"physical {PhysicalAddress:X} {(User ? "U" : "-")}{(Writable ? "W" : "-")}{(ExecuteDisable ? "X" : "-")}"
            + $"{(Dirty ? "D" : "-")}{(Global ? "G" : "-")}{(LargePage ? "L" : "-")} PAT {PatIndex}";
}
