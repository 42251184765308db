namespace X86Pae.Tlb;

/// <summary>How a page number selects a set.</summary>
public enum SetIndex : byte
{
    /// <summary>By its low bits.</summary>
    Linear,

    /// <summary>By the exclusive or of its two lowest fields of that many bits (second level of Skylake; vusec/tlbdr).</summary>
    Xor,
}
