namespace X86Pae.GuestRunner.Instructions;

/// <summary>ROL to SAR.</summary>
internal enum ShiftFunction
{
    RotateLeft,
    RotateRight,
    RotateLeftThroughCarry,
    RotateRightThroughCarry,
    ShiftLeft,
    ShiftRight,
    ShiftRightArithmetic,
}
