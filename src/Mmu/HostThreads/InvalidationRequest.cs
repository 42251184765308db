namespace X86Pae.HostThreads;

/// <summary>What one thread asks another's MMU to drop.</summary>
/// <param name="Kind">How much.</param>
/// <param name="Linear">Any address in the page, where the request is for one page; otherwise 0.</param>
public readonly record struct InvalidationRequest(InvalidationKind Kind, uint Linear)
{
    /// <summary>All translations but global ones.</summary>
    public static InvalidationRequest NonGlobal { get; } = new(InvalidationKind.NonGlobal, 0);

    /// <summary>Everything.</summary>
    public static InvalidationRequest All { get; } = new(InvalidationKind.All, 0);

    /// <summary>One page.</summary>
    /// <param name="linear">Any address in it.</param>
    public static InvalidationRequest Page(uint linear) => new(InvalidationKind.Page, linear);
}

/// <summary>How much an invalidation drops, the least first.</summary>
public enum InvalidationKind : byte
{
    /// <summary>The page of an address, global or not, whole if it is a large one, and the PDE cache, as INVLPG does.</summary>
    Page,

    /// <summary>All translations but global ones, as MOV CR3 does.</summary>
    NonGlobal,

    /// <summary>Everything.</summary>
    All,
}
