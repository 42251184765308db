namespace X86Pae.Specification;

/// <summary>What became of the CR3 load of a task switch.</summary>
public enum SpecTaskSwitch
{
    NothingToDo,
    Loaded,
    GeneralProtection,
    InvalidTss,
}
