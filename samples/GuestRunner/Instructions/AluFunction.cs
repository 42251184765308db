namespace X86Pae.GuestRunner.Instructions;

/// <summary>What two operands are combined by; CMP is a subtraction and TEST an AND whose result is dropped.</summary>
internal enum AluFunction
{
    Add,
    AddWithCarry,
    Subtract,
    SubtractWithBorrow,
    And,
    Or,
    Xor,
}
