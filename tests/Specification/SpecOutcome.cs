namespace X86Pae.Specification;

/// <summary>Outcome of a translation: a fault with its error code and CR2, or an address with its attributes.</summary>
public readonly record struct SpecOutcome
{
    public bool IsFault { get; init; }

    public uint ErrorCode { get; init; }

    public uint Cr2 { get; init; }

    public ulong PhysicalAddress { get; init; }

    public bool User { get; init; }

    public bool Writable { get; init; }

    public bool ExecuteDisable { get; init; }

    /// <summary>4 * PAT + 2 * PCD + PWT of the leaf (3.4).</summary>
    public int PatIndex { get; init; }

    /// <summary>D of the leaf after the access.</summary>
    public bool Dirty { get; init; }

    public bool Global { get; init; }

    public bool LargePage { get; init; }

    /// <summary>With paging off every address is its own translation.</summary>
    public static SpecOutcome Identity(SpecRegisters registers, uint linear) =>
        new() { PhysicalAddress = registers.OnBus(linear), User = true, Writable = true, Dirty = true };

    /// <summary>What an access to a page comes to; rights are evaluated by the registers as they are now.</summary>
    public static SpecOutcome Of(SpecRegisters registers, uint linear, SpecAccess access, SpecPage page)
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

    /// <summary>The error code of 4.4, bit by bit; without a problem in the tables it is the rights that are missing.</summary>
    public static SpecOutcome Fault(SpecRegisters registers, uint linear, SpecAccess access, SpecProblem problem)
    {
        bool fetchReported = registers.Smep || (registers.Pae && registers.Nxe);
        uint errorCode = 0;
        errorCode += problem != SpecProblem.NotPresent ? 1u : 0;
        errorCode += access.IsWrite ? 2u : 0;
        errorCode += access.IsUser ? 4u : 0;
        errorCode += problem == SpecProblem.Reserved ? 8u : 0;
        errorCode += access.IsFetch && fetchReported ? 16u : 0;
        return new SpecOutcome { IsFault = true, ErrorCode = errorCode, Cr2 = linear };
    }

    public override string ToString() => IsFault
        ? $"#PF error {ErrorCode:X} CR2 {Cr2:X8}"
        : $"physical {PhysicalAddress:X} {(User ? "U" : "-")}{(Writable ? "W" : "-")}{(ExecuteDisable ? "X" : "-")}"
            + $"{(Dirty ? "D" : "-")}{(Global ? "G" : "-")}{(LargePage ? "L" : "-")} PAT {PatIndex}";
}
