namespace X86Pae.Specification;

/// <summary>What an instruction that invalidates raises instead of doing its work.</summary>
public enum SpecInstruction
{
    Done,
    UndefinedOpcode,
    GeneralProtection,
}
