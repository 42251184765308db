namespace X86Pae.Tlb;

/// <summary>What keeps accesses from the straight line through sets of four (<see cref="StraightPath"/>).</summary>
[Flags]
internal enum Obstacles
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Something is to be done before the arrays may be asked: invalidations to catch up with, or paging is off.</summary>
    HeldUp = 1 << 0,

    /// <summary>Since the last full flush a large page was kept as one: there is more than one array to look into.</summary>
    LargePages = 1 << 1,

    /// <summary>
    /// There is no straight line: the nearest level has other sets or holds both sizes of pages in one array, there are more than two
    /// levels, or the processor loses entries at random.
    /// </summary>
    OtherArrays = 1 << 2,
}
