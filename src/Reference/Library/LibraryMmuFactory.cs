using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Reference.Specification;
using X86Pae.Tlb;

namespace X86Pae.Reference.Library;

/// <summary>Makes adapters of X86Pae's own MMU. It can do everything, and each scenario chooses its translation caches.</summary>
public sealed class LibraryMmuFactory
{
    private readonly IReadOnlyList<TlbConfiguration> _models;
    private readonly MemoryPool _memories = new();

    /// <summary>Creates a factory.</summary>
    /// <param name="models">Translation caches of real processors, from which some scenarios choose; at least one.</param>
    /// <exception cref="ArgumentException"><paramref name="models"/> is empty.</exception>
    public LibraryMmuFactory(IReadOnlyList<TlbConfiguration> models)
    {
        ArgumentNullException.ThrowIfNull(models);
        if (models.Count == 0)
        {
            throw new ArgumentException("There is no model to choose from.", nameof(models));
        }

        _models = models;
    }

    /// <summary>What the MMU can do.</summary>
    public static MmuProfile Profile { get; } = new()
    {
        Capabilities = MmuCapabilities.All,
        Features = new SpecFeatures(52) { OtherCr4 = 0x00C5_0F4F },
        FeaturesAreFixed = false,
        Options = null,
        MaxMemorySizeInBytes = GuestMemory.MaxSizeInBytes,
    };

    /// <summary>Creates an adapter; may be called by several threads.</summary>
    /// <param name="setup">What it must be like.</param>
    public IMmuAdapter Create(MmuSetup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        CacheSetup caches = setup.Caches ?? new CacheSetup(CachePolicy.Coherent, SplintersLargePages: false, Seed: 0);
        TlbConfiguration tlbs = caches.ToLibrary(_models);
        MmuCaching caching = caches.Policy == CachePolicy.Coherent ? MmuCaching.None
            : tlbs.Randomization is null ? MmuCaching.OnUse
            : MmuCaching.Speculative;
        var trace = new DataTrace();
        return tlbs.HostCached
            ? Create(default(NoTiming), setup, tlbs, caching, trace)
            : Create(new DataTraceTiming(trace), setup, tlbs, caching, trace);
    }

    private LibraryMmu<TTiming> Create<TTiming>(
        TTiming timing, MmuSetup setup, TlbConfiguration tlbs, MmuCaching caching, DataTrace trace)
        where TTiming : struct, ITiming
    {
        SharedMemory memory = setup.SharesMemoryWith is ILibraryMmu peer
            ? peer.Memory
            : _memories.Take(setup.MemorySizeInBytes, setup.OpenBus);
        PagingOptions options = setup.Options.ToLibrary() with { PdpteLoadWidth = setup.PdpteLoadWidth };
        var mmu = new Mmu<RamBus, TTiming>(new RamBus(memory.Ram), timing, setup.Features.ToLibrary(), tlbs, options);
        return new LibraryMmu<TTiming>(mmu, memory, caching, trace);
    }
}
