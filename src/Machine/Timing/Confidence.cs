namespace X86Pae.Timing;

/// <summary>How a number of a CPU model is known.</summary>
public enum Confidence : byte
{
    /// <summary>Read in the source named.</summary>
    Found,

    /// <summary>Follows from found numbers by arithmetic or by a fitted model.</summary>
    Derived,

    /// <summary>Recalled, without a document at hand.</summary>
    Recalled,

    /// <summary>An engineering estimate: no published measurement is known, and the range is to be swept.</summary>
    Estimated,
}
