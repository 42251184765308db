namespace X86Pae.Memory;

/// <summary>What became of a locked update of a page-table entry.</summary>
public enum EntryUpdate : byte
{
    /// <summary>The entry held the expected value and now holds the new one.</summary>
    Done,

    /// <summary>The entry no longer holds the expected value; nothing was written and the walk starts again.</summary>
    Changed,

    /// <summary>
    /// The entry held the expected value, but the memory ignores writes (ROM, a hole): the walk goes on, as it would on a bus
    /// that drops the write.
    /// </summary>
    Ignored,
}
