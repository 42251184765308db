// Invalidations that other threads ask for. An MMU belongs to one thread; nobody else touches its caches.
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
using X86Pae.Timing;

namespace X86Pae.HostThreads;

/// <summary>Takes requests to invalidate translations of an MMU that belongs to another thread, until its owner drains them.</summary>
/// <remarks>
/// Posting and waiting are for any thread; draining, parking and unparking for the owner of the MMU alone. Nothing allocates
/// but the constructor. Requests beyond what is kept one by one are widened to everything, which is always permitted.
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

    /// <summary>Whether something waits to be drained; one load of a flag.</summary>
    public bool IsPending => _pending;

    /// <summary>Creates the mailbox of an MMU. It should have one, that all who invalidate know.</summary>
    /// <typeparam name="TBus">Physical memory.</typeparam>
    /// <typeparam name="TTiming">What is told of the MMU's work; it is not told of what the mailbox drops.</typeparam>
    /// <param name="mmu">The MMU.</param>
    public static InvalidationMailbox For<TBus, TTiming>(Mmu<TBus, TTiming> mmu)
        where TBus : struct, IBus
        where TTiming : struct, ITiming
    {
        ArgumentNullException.ThrowIfNull(mmu);
        return new InvalidationMailbox(request => Apply(mmu, request));
    }

    /// <summary>A shootdown: invalidates on every target, and returns when none can use what was dropped any more.</summary>
    /// <param name="targets">The mailboxes of the MMUs concerned.</param>
    /// <param name="request">What is dropped.</param>
    /// <param name="own">
    /// The mailbox of the calling thread's own MMU, which is drained while it waits: two threads that ask each other would
    /// wait for ever otherwise. If it is among the targets, its MMU drops at once. Null on a thread that owns no MMU.
    /// </param>
    /// <remarks>Waits until each target has drained or is parked. The caller holds no lock that a target may need to get there.</remarks>
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

    /// <summary>Asks for an invalidation, and does not wait for it.</summary>
    /// <param name="request">What is dropped.</param>
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

    /// <summary>Whether a request has been carried out.</summary>
    /// <param name="request">Its number.</param>
    public bool IsDone(long request) => Volatile.Read(ref _drained) >= request;

    /// <summary>Waits until a request has been carried out, or will be before the owner's next access.</summary>
    /// <param name="request">Its number.</param>
    /// <param name="own">The mailbox of the calling thread's own MMU, drained meanwhile; null on a thread that owns none.</param>
    public void WaitFor(long request, InvalidationMailbox? own)
    {
        Interlocked.MemoryBarrier();
        var wait = new SpinWait();
        while (!IsDone(request) && !_parked)
        {
            own?.DrainIfPending();
            wait.SpinOnce(sleep1Threshold: -1); // the owner is expected soon: a sleep of a millisecond would be the longer wait
        }
    }

    /// <summary>A safe point of the owner: carries out what has been asked for, if anything has.</summary>
    /// <remarks>Between two accesses, never between a translation and the use of its result.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // between any two instructions of the guest
    public void DrainIfPending()
    {
        if (_pending)
        {
            Drain();
        }
    }

    /// <summary>The owner will make no access until it unparks: nobody waits for it.</summary>
    public void Park()
    {
        DrainIfPending();
        _parked = true;
    }

    /// <summary>The owner is back: drains what was asked for while it was parked.</summary>
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
