namespace X86Pae.HostThreads;

/// <summary>
/// The translations that one thread asks another thread's MMU to drop: a page, all but the global ones, or all.
/// </summary>
/// <remarks>The default value asks for the page at linear address 0.</remarks>
public readonly record struct InvalidationRequest
{
    internal InvalidationRequest(InvalidationKind kind, uint linear)
    {
        Kind = kind;
        Linear = linear;
    }

    /// <summary>All translations but global ones, as MOV to CR3 drops them.</summary>
    public static InvalidationRequest NonGlobal { get; } = new(InvalidationKind.NonGlobal, 0);

    /// <summary>All translations, and the PDE cache.</summary>
    public static InvalidationRequest All { get; } = new(InvalidationKind.All, 0);

    /// <summary>How much is dropped.</summary>
    internal InvalidationKind Kind { get; }

    /// <summary>Any linear address in the page of a request for one page; otherwise 0.</summary>
    internal uint Linear { get; }

    /// <summary>One page, global or not, as INVLPG drops it: whole if it is a large one, and with it the PDE cache.</summary>
    /// <param name="linear">Any linear address in the page.</param>
    public static InvalidationRequest Page(uint linear) => new(InvalidationKind.Page, linear);
}

/// <summary>How much an invalidation drops, from the least to the most.</summary>
internal enum InvalidationKind : byte
{
    /// <summary>One page and the PDE cache.</summary>
    Page,

    /// <summary>All translations but global ones.</summary>
    NonGlobal,

    /// <summary>Everything.</summary>
    All,
}
