using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae;

/// <summary>The MMU of one logical processor: control registers, translation caches and accesses to memory.</summary>
/// <typeparam name="TBus">Physical memory.</typeparam>
/// <typeparam name="TTiming">What is told of the work; <see cref="NoTiming"/> for a functional MMU.</typeparam>
/// <remarks>
/// A guest's fault is a result. The caller delivers it and writes CR2. Belongs to one thread, which debug builds check; several
/// MMUs may share the memory behind their buses, whose table entries they update atomically. What another thread wants dropped
/// goes through an <see cref="HostThreads.InvalidationMailbox"/>.
/// </remarks>
public sealed partial class Mmu<TBus, TTiming>
    where TBus : struct, IBus
    where TTiming : struct, ITiming
{
    private readonly TranslationCaches _caches;
    private readonly ControlRegisters _control;
    private readonly PagingOptions _options;
    private readonly Disturber? _disturber;
    private readonly MemoryTyping _types;
    private readonly TTiming _timing;
    private readonly ByAccessClass<RecentHits> _recent;
    private OwnerThread _owner;
    private TBus _bus;
    private InvalidationLog? _log;
    private int _logReader;
    private bool _isBehind; // the log has invalidations that the caches, or the sibling's, have not seen
    private Mmu<TBus, TTiming>? _sibling; // the other logical processor of the core

    /// <summary>Creates an MMU as it is after reset: paging off, nothing cached.</summary>
    /// <param name="bus">Physical memory.</param>
    /// <param name="timing">What is told of the work.</param>
    /// <param name="features">What CPUID enumerates.</param>
    /// <param name="tlbs">Translation caches; null for the coherent MMU, which walks on every access.</param>
    /// <param name="options">Choices the architecture leaves open; null for the defaults.</param>
    /// <exception cref="ArgumentException"><paramref name="features"/> or <paramref name="tlbs"/> cannot exist.</exception>
    public Mmu(TBus bus, TTiming timing, CpuFeatures features, TlbConfiguration? tlbs = null, PagingOptions? options = null)
        : this(bus, timing, features, tlbs ?? TlbConfiguration.Coherent, options, sibling: null)
    {
    }

    /// <summary>Creates the MMU of a logical processor whose core has another one.</summary>
    /// <param name="bus">Physical memory.</param>
    /// <param name="timing">What is told of the work.</param>
    /// <param name="features">What CPUID enumerates.</param>
    /// <param name="tlbs">Translation caches; what this processor has of them, see <see cref="TlbConfiguration.ForSiblings"/>.</param>
    /// <param name="options">Choices the architecture leaves open; null for the defaults.</param>
    /// <param name="sibling">The other one, with the same caches, which belongs to the same thread; null if this is the first.</param>
    internal Mmu(
        TBus bus, TTiming timing, CpuFeatures features, TlbConfiguration tlbs, PagingOptions? options, Mmu<TBus, TTiming>? sibling)
    {
        tlbs.Validate();
        _bus = bus;
        _timing = timing;
        _options = options ?? PagingOptions.Default;
        _control = new ControlRegisters(features, _options);
        _caches = new TranslationCaches(tlbs, sibling?._caches);
        _types = new MemoryTyping(_control);
        _recent = _caches.CollectRecentHits();
        _disturber = tlbs.Randomization is { } randomization ? new Disturber(randomization) : null;
        _sibling = sibling;
        if (sibling is not null)
        {
            sibling._sibling = this;
        }
    }

    /// <summary>
    /// Makes the calling thread the one that this MMU belongs to; without it that is the first one to use it. The thread that had
    /// it has stopped using it, and has handed it over by a lock, a join, or whatever else orders its accesses before this call.
    /// </summary>
    public void TakeOver() => _owner.TakeOver();
}
