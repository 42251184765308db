namespace X86Pae.Tlb;

/// <summary>What the logical processors of one core, both in use, have of an array (Intel optimization manual, Hyper-Threading).</summary>
public enum SiblingSharing : byte
{
    /// <summary>
    /// All of it: they compete for the room. Entries are tagged by logical processor, so neither uses nor drops the other's.
    /// </summary>
    Shared,

    /// <summary>
    /// A fixed half each: half of the sets, or half of the ways where there is one set. A logical processor without a sibling
    /// has all of it.
    /// </summary>
    Partitioned,

    /// <summary>One of their own each, of the full size.</summary>
    Replicated,
}
