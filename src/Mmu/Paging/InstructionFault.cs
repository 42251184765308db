namespace X86Pae.Paging;

/// <summary>The exception that a privileged instruction raises instead of doing its work.</summary>
public enum InstructionFault : byte
{
    /// <summary>None; it is done.</summary>
    None,

    /// <summary>#UD: the processor does not have the instruction.</summary>
    UndefinedOpcode,

    /// <summary>#GP(0): its operands are not legal.</summary>
    GeneralProtection,
}
