namespace X86Pae.Lab.Sweeps;

/// <summary>Whether one contender stays cheaper than another at the corners of the estimated ranges.</summary>
public enum OrderVerdict : byte
{
    /// <summary>It is dearer at no corner that was run, and cheaper at one at least.</summary>
    Holds,

    /// <summary>Both cost the same at every corner that was run.</summary>
    Equal,

    /// <summary>There is a corner at which it is dearer.</summary>
    Flips,
}
