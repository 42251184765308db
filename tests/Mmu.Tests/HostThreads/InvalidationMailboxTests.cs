using X86Pae.HostThreads;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Tests.HostThreads;

public sealed class InvalidationMailboxTests
{
    private const uint Linear = 0x5000;
    private const uint Other = 0x7000;
    private const ulong Old = 0x1_0000;
    private const ulong New = 0x2_0000;
    private const int MillisecondsToHang = 60_000;

    private readonly StaleGuest _guest = new();
    private readonly InvalidationMailbox _mailbox;

    public InvalidationMailboxTests() => _mailbox = InvalidationMailbox.For(_guest.Mmu);

    [Fact]
    public void Drain_RequestForAPage_DropsThatPageAndNoOther()
    {
        GoStale();

        long request = _mailbox.Post(InvalidationRequest.Page(Linear + 0x123));

        Assert.True(_mailbox.IsPending);
        Assert.False(_mailbox.IsDone(request));
        Assert.Equal((Old, Old), Frames());
        _mailbox.DrainIfPending();
        Assert.False(_mailbox.IsPending);
        Assert.True(_mailbox.IsDone(request));
        Assert.Equal((New, Old), Frames());
    }

    [Fact]
    public void Drain_RequestForNonGlobal_KeepsGlobalPages()
    {
        GoStale();

        _mailbox.Post(InvalidationRequest.NonGlobal);
        _mailbox.DrainIfPending();

        Assert.Equal((New, Old), Frames());
    }

    [Fact]
    public void Drain_RequestForEverything_DropsGlobalPagesToo()
    {
        GoStale();

        _mailbox.Post(InvalidationRequest.All);
        _mailbox.DrainIfPending();

        Assert.Equal((New, New), Frames());
    }

    [Fact]
    public void Drain_NonGlobalAndAGlobalPage_DoesBoth()
    {
        GoStale();

        _mailbox.Post(InvalidationRequest.Page(Other));
        long last = _mailbox.Post(InvalidationRequest.NonGlobal);
        _mailbox.DrainIfPending();

        Assert.True(_mailbox.IsDone(last));
        Assert.Equal((New, New), Frames());
    }

    [Theory]
    [InlineData(32, Old)]
    [InlineData(33, New)]
    public void Drain_MorePagesThanAreKept_DropsEverything(int pages, ulong other)
    {
        GoStale();

        for (int i = 0; i < pages; i++)
        {
            _mailbox.Post(InvalidationRequest.Page(Linear));
        }

        _mailbox.DrainIfPending();

        Assert.Equal((New, other), Frames());
    }

    [Fact]
    public void Drain_Twice_DropsOnce()
    {
        _mailbox.Post(InvalidationRequest.All);
        _mailbox.DrainIfPending();
        GoStale();

        _mailbox.DrainIfPending();

        Assert.Equal((Old, Old), Frames());
    }

    // A remote invalidation is no instruction of the guest.
    [Fact]
    public void Drain_TimedMmu_CostsNoTime()
    {
        var clock = new ProcessorClock(CpuModels.CoreDuo);
        Mmu<RamBus, CycleTiming> mmu = TimedMmu.Create(new GuestMemory(1 << 20), CpuFeatures.Pae36, clock);
        InvalidationMailbox mailbox = InvalidationMailbox.For(mmu);

        InvalidationMailbox.Shootdown([mailbox], InvalidationRequest.Page(Linear), mailbox);
        InvalidationMailbox.Shootdown([mailbox], InvalidationRequest.All, mailbox);

        Assert.Equal((0L, default(EventCounts)), (clock.Now, clock.Counts));
    }

    [Fact]
    public void Shootdown_OwnMmuAmongTheTargets_DropsAtOnce()
    {
        GoStale();

        InvalidationMailbox.Shootdown([_mailbox], InvalidationRequest.Page(Linear), _mailbox);

        Assert.Equal((New, Old), Frames());
    }

    [Fact]
    public void Shootdown_ParkedTarget_IsNotWaitedForAndDrainsWhenItIsBack()
    {
        GoStale();
        _mailbox.Park();

        InvalidationMailbox.Shootdown([_mailbox], InvalidationRequest.Page(Linear), own: null);

        Assert.Equal(Old, _guest.FrameOf(Linear));
        _mailbox.Unpark();
        Assert.Equal((New, Old), Frames());
    }

    [Fact]
    public void Park_WithRequests_DrainsThem()
    {
        GoStale();
        _mailbox.Post(InvalidationRequest.All);

        _mailbox.Park();

        Assert.Equal((New, New), Frames());
    }

    [Fact]
    public void Shootdown_RunningTarget_IsWaitedFor()
    {
        var isDone = new ManualResetEventSlim();
        Thread requester = Start(() =>
        {
            InvalidationMailbox.Shootdown([_mailbox], InvalidationRequest.Page(Linear), own: null);
            isDone.Set();
        });
        Assert.True(SpinWait.SpinUntil(() => _mailbox.IsPending, MillisecondsToHang));

        Assert.False(isDone.Wait(20));
        _mailbox.DrainIfPending();

        Assert.True(isDone.Wait(MillisecondsToHang));
        requester.Join();
    }

    // Neither reaches a safe point of its own while it waits.
    [Fact]
    public void Shootdown_TwoThatAskEachOther_BothGoOn()
    {
        StaleGuest[] guests = [_guest, new()];
        InvalidationMailbox[] mailboxes = [_mailbox, InvalidationMailbox.For(guests[1].Mmu)];
        Thread[] threads =
        [
            .. guests.Select((guest, i) => Start(() =>
            {
                guest.Mmu.TakeOver();
                for (int round = 0; round < 200; round++)
                {
                    InvalidationMailbox.Shootdown(mailboxes, InvalidationRequest.Page(Linear), mailboxes[i]);
                }

                mailboxes[i].Park();
            })),
        ];

        Assert.All(threads, thread => Assert.True(thread.Join(MillisecondsToHang)));
    }

    [Fact]
    public void PostDrainAndShootdown_AllocateNothing()
    {
        InvalidationMailbox[] targets = [_mailbox];

        long bytes = Allocation.Of(100, i =>
        {
            _mailbox.Post(InvalidationRequest.Page((uint)i << 12));
            _mailbox.DrainIfPending();
            InvalidationMailbox.Shootdown(targets, InvalidationRequest.NonGlobal, _mailbox);
            _mailbox.Park();
            _mailbox.Unpark();
        });

        Assert.Equal(0, bytes);
    }

    private static Thread Start(Action action)
    {
        var thread = new Thread(() => action()) { IsBackground = true };
        thread.Start();
        return thread;
    }

    /// <summary>Caches two pages, the other one global, and maps both elsewhere.</summary>
    private void GoStale()
    {
        _guest.SetPte(Linear, Old | StaleGuest.Flags);
        _guest.SetPte(Other, Old | StaleGuest.Flags | StaleGuest.Global);
        Frames();
        _guest.SetPte(Linear, New | StaleGuest.Flags);
        _guest.SetPte(Other, New | StaleGuest.Flags | StaleGuest.Global);
    }

    private (ulong Page, ulong OtherPage) Frames() => (_guest.FrameOf(Linear), _guest.FrameOf(Other));
}
