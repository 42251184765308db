// Invalidations that other threads ask for. An MMU belongs to one thread, and only that thread touches its caches.
//
//   requester                            mailbox of the target                 owner of the target
//
//   edits the tables
//   Post -----------------------------> request, number, pending
//                                                                             access ... access
//                                                                             safe point: DrainIfPending
//                                        taken out <-------------------------- drops the translations
//   WaitFor: number reached? <---------- drained up to this number <---------- goes on
//     meanwhile drains its own
//
//   A parked owner (a halted CPU, a thread that waits for the host) makes no access, so nobody waits for it; it drains
//   before its next access, in Unpark. This is what KVM does for a virtual CPU that is outside guest mode:
//
//     requester:  pending = true;  full barrier;  read parked         either the requester sees that the owner runs, and waits,
//     owner:      parked = false;  full barrier;  read pending        or the owner sees the request, and drains before it runs

using System.Runtime.CompilerServices;
using X86Pae.Memory;

namespace X86Pae.HostThreads;

/// <summary>
/// Holds the requests of other threads to invalidate translations of an MMU, until the thread that owns the MMU drains them.
/// </summary>
/// <remarks>
/// Any thread may post and wait. Only the thread that owns the MMU drains, parks and unparks. Only <see cref="For"/> allocates.
/// The mailbox holds up to 32 requests for one page; a further one becomes a request for everything, which drops more than was
/// asked for.
/// </remarks>
public sealed class InvalidationMailbox
{
    private const int MaxPages = 32;

    private readonly Lock _lock = new();
    private readonly Action<InvalidationRequest> _invalidate;
    private readonly uint[] _pages = new uint[MaxPages];
    private int _pageCount;
    private InvalidationKind _widest;
    private long _posted;
    private long _drained;
    private volatile bool _pending;
    private volatile bool _parked;

    private InvalidationMailbox(Action<InvalidationRequest> invalidate) => _invalidate = invalidate;

    /// <summary>Whether a request waits to be drained. This costs one load of a flag.</summary>
    public bool IsPending => _pending;

    /// <summary>
    /// Creates the mailbox of an MMU. Make one for each MMU, and give it to every thread that invalidates there.
    /// </summary>
    /// <typeparam name="TBus">Physical memory.</typeparam>
    /// <typeparam name="TTiming">The timing of the MMU; draining charges nothing to it.</typeparam>
    /// <param name="mmu">The MMU.</param>
    /// <returns>An empty mailbox.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="mmu"/> is null.</exception>
    public static InvalidationMailbox For<TBus, TTiming>(Mmu<TBus, TTiming> mmu)
        where TBus : struct, IBus
        where TTiming : struct, ITiming
    {
        ArgumentNullException.ThrowIfNull(mmu);
        return new InvalidationMailbox(request => Apply(mmu, request));
    }

    /// <summary>
    /// A TLB shootdown: posts a request to every target, and returns when none of them can use the dropped translations.
    /// </summary>
    /// <param name="targets">The mailboxes of the MMUs concerned.</param>
    /// <param name="request">The translations to drop.</param>
    /// <param name="own">
    /// The mailbox of the calling thread's own MMU, or null on a thread that owns none. It is drained while the thread waits; two
    /// threads that shoot each other down would wait for ever otherwise. If it is among the targets, it is drained at once.
    /// </param>
    /// <remarks>
    /// The call waits until each target has drained the request or is parked. The caller must hold no lock that a target may need
    /// before it drains.
    /// </remarks>
    public static void Shootdown(
        ReadOnlySpan<InvalidationMailbox> targets, InvalidationRequest request, InvalidationMailbox? own)
    {
        foreach (InvalidationMailbox target in targets)
        {
            target.Post(request);
        }

        own?.DrainIfPending();
        foreach (InvalidationMailbox target in targets)
        {
            target.WaitFor(Volatile.Read(ref target._posted), own);
        }
    }

    /// <summary>Posts a request, and does not wait for it.</summary>
    /// <param name="request">The translations to drop.</param>
    /// <returns>Number of the request, for <see cref="IsDone"/> and <see cref="WaitFor"/>.</returns>
    public long Post(InvalidationRequest request)
    {
        lock (_lock)
        {
            Merge(request);
            _pending = true;
            return ++_posted;
        }
    }

    /// <summary>Whether a request has been drained.</summary>
    /// <param name="request">The number that <see cref="Post"/> returned.</param>
    public bool IsDone(long request) => Volatile.Read(ref _drained) >= request;

    /// <summary>
    /// Waits until a request has been drained, or the owner is parked and so will drain it before its next access.
    /// </summary>
    /// <param name="request">The number that <see cref="Post"/> returned.</param>
    /// <param name="own">
    /// The mailbox of the calling thread's own MMU, which is drained while the thread waits; null on a thread that owns none.
    /// </param>
    public void WaitFor(long request, InvalidationMailbox? own)
    {
        Interlocked.MemoryBarrier();
        var wait = new SpinWait();
        while (!IsDone(request) && !_parked)
        {
            own?.DrainIfPending();
            wait.SpinOnce(sleep1Threshold: -1); // never sleeps a millisecond: the owner should drain sooner
        }
    }

    /// <summary>Drains the requests that wait, if there are any. The owner calls this at its safe points.</summary>
    /// <remarks>A safe point lies between two accesses, and never between a translation and the use of its result.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // between any two instructions of the guest
    public void DrainIfPending()
    {
        if (_pending)
        {
            Drain();
        }
    }

    /// <summary>Parks the owner: it drains, and makes no access until it unparks. No thread waits for a parked owner.</summary>
    public void Park()
    {
        DrainIfPending();
        _parked = true;
    }

    /// <summary>Ends the parking: drains the requests that were posted meanwhile.</summary>
    public void Unpark()
    {
        _parked = false;
        Interlocked.MemoryBarrier();
        DrainIfPending();
    }

    private static void Apply<TBus, TTiming>(Mmu<TBus, TTiming> mmu, InvalidationRequest request)
        where TBus : struct, IBus
        where TTiming : struct, ITiming
    {
        switch (request.Kind)
        {
            case InvalidationKind.Page:
                mmu.FlushPage(request.Linear);
                break;
            case InvalidationKind.NonGlobal:
                mmu.FlushNonGlobal();
                break;
            default:
                mmu.FlushAll();
                break;
        }
    }

    private void Merge(InvalidationRequest request)
    {
        if (request.Kind == InvalidationKind.Page && _pageCount < MaxPages)
        {
            _pages[_pageCount++] = request.Linear;
            return;
        }

        InvalidationKind kind = request.Kind == InvalidationKind.Page ? InvalidationKind.All : request.Kind;
        _widest = (InvalidationKind)Math.Max((byte)_widest, (byte)kind);
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the safe point small
    private void Drain()
    {
        Span<uint> pages = stackalloc uint[MaxPages];
        InvalidationKind widest;
        long upTo;
        lock (_lock)
        {
            pages = pages[.._pageCount];
            _pages.AsSpan(0, _pageCount).CopyTo(pages);
            (widest, upTo) = (_widest, _posted);
            (_pageCount, _widest, _pending) = (0, InvalidationKind.Page, false);
        }

        if (widest != InvalidationKind.Page)
        {
            _invalidate(new InvalidationRequest(widest, 0));
        }

        foreach (uint linear in widest == InvalidationKind.All ? [] : pages)
        {
            _invalidate(InvalidationRequest.Page(linear));
        }

        Volatile.Write(ref _drained, upTo);
    }
}
