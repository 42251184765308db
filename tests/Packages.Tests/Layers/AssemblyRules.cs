namespace X86Pae.Packages.Tests.Layers;

/// <summary>What an assembly may use (docs/ARCHITECTURE.md).</summary>
/// <param name="Assembly">Name of the assembly.</param>
/// <param name="Below">The assemblies of this repository that it may use.</param>
internal sealed record AssemblyRules(string Assembly, params string[] Below)
{
    /// <summary>The packages and the samples.</summary>
    public static IReadOnlyList<AssemblyRules> All { get; } =
    [
        new("X86Pae.Mmu"),
        new("X86Pae.Machine", "X86Pae.Mmu"),
        new("X86Pae.Kmap", "X86Pae.Mmu", "X86Pae.Machine"),
        new("X86Pae.Lab", "X86Pae.Mmu", "X86Pae.Machine", "X86Pae.Kmap"),
        new("X86Pae.Reference", "X86Pae.Mmu"),
        new("X86Pae.Cli", "X86Pae.Mmu", "X86Pae.Machine", "X86Pae.Kmap", "X86Pae.Lab", "X86Pae.Reference"),
        new("X86Pae.Samples.Processor", "X86Pae.Mmu"),
        new("X86Pae.GuestRunner", "X86Pae.Mmu", "X86Pae.Machine", "X86Pae.Samples.Processor"),
        new("X86Pae.CheckYourMmu", "X86Pae.Mmu", "X86Pae.Reference"),
    ];

    /// <summary>Assemblies whose namespaces still use one another in cycles.</summary>
    public static IReadOnlyList<string> WithCycles { get; } = ["X86Pae.Reference"];

    /// <summary>The namespaces of X86Pae.Mmu, lowest first: each may use those before it, and none behind it.</summary>
    public static IReadOnlyList<string> LayersOfMmu { get; } =
        ["X86Pae.Memory", "X86Pae.Paging", "X86Pae.Tlb", "X86Pae.Explaining", "X86Pae", "X86Pae.HostThreads"];
}
