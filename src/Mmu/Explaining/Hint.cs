namespace X86Pae.Explaining;

/// <summary>A likely mistake. A guess from what is in registers and memory, where a result is a certainty.</summary>
/// <param name="Kind">The mistake.</param>
/// <param name="Text">What was found, and what to do about it.</param>
public readonly record struct Hint(HintKind Kind, string Text)
{
    /// <summary>The text.</summary>
    public override string ToString() => Text;
}
