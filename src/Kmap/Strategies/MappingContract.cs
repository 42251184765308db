namespace X86Pae.Kmap.Strategies;

/// <summary>What callers of a strategy have to respect (Linux 6.12 Documentation/mm/highmem.rst).</summary>
[Flags]
public enum MappingContract : byte
{
    /// <summary>Anything goes: any CPU, any order, sleeping while mapped.</summary>
    None = 0,

    /// <summary>Mappings are given up in the reverse order of their making.</summary>
    LastInFirstOut = 1 << 0,

    /// <summary>A mapping is valid on the CPU that made it only; its task stays there.</summary>
    OneProcessor = 1 << 1,

    /// <summary>The task does not sleep, and is not switched out, while it holds a mapping.</summary>
    NoSleep = 1 << 2,
}
