using System.Collections.Concurrent;
using X86Pae.HostThreads;
using X86Pae.Memory;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Tests.HostThreads;

/// <summary>Virtual CPUs on host threads, as many as there are cores, that use and remap the same pages.</summary>
/// <remarks>What each does is a function of the seed; how they interleave is not. See <see cref="StressPage"/> for what must hold.</remarks>
public sealed class ShootdownStressTests
{
    private const int Pages = 6;
    private const int MillisecondsToRun = 1000;
    private const int MillisecondsToHang = 60_000;

    private static readonly int Cpus = Math.Clamp(Environment.ProcessorCount, 2, 16);

    private readonly ConcurrentQueue<Exception> _failures = [];
    private readonly GuestMemory _memory = new(32UL << 30);
    private readonly StressPage[] _pages;
    private StaleGuest[] _guests = [];
    private InvalidationMailbox[] _mailboxes = [];
    private int _hotPage; // where most accesses go: the one edited last
    private long _shootdowns;
    private long _stores;
    private long _refusedStores;
    private long _parkings;

    public ShootdownStressTests() =>
        _pages = [.. Enumerable.Range(0, Pages).Select(page => new StressPage(_memory, page, Cpus))];

    // Caches that lose nothing show best what was not invalidated; no caches, what was read or written by halves; then those that
    // emulators use, and caches that fill and lose entries at any time.
    public static TheoryData<string, string> Caches { get; } = new()
    {
        { nameof(TlbConfiguration.MaximallyStale), nameof(TlbConfiguration.Functional) },
        { nameof(TlbConfiguration.MaximallyStale), nameof(TlbConfiguration.Coherent) },
        { nameof(TlbConfiguration.Randomized), "core-duo" },
    };

    [Theory]
    [MemberData(nameof(Caches))]
    public void VirtualCpus_UseAndRemapPages_SeeOnlyWhatIsPermitted(string even, string odd)
    {
        _guests = [.. Enumerable.Range(0, Cpus).Select(cpu => new StaleGuest(memory: _memory, tlbs: Find(cpu % 2 == 0 ? even : odd)))];
        _mailboxes = [.. _guests.Select(guest => InvalidationMailbox.For(guest.Mmu))];
        long deadline = Environment.TickCount64 + MillisecondsToRun;
        Thread[] threads = [.. Enumerable.Range(0, Cpus).Select(cpu => new Thread(() => RunCpu(cpu, deadline)) { IsBackground = true })];
        Array.ForEach(threads, thread => thread.Start());

        Assert.True(threads.All(thread => thread.Join(MillisecondsToHang)), "a CPU waits for ever");
        Assert.Empty(_failures);
        Array.ForEach(_pages, page => page.CheckAtRest());
    }

    // On a busy host a second may be too little for all of it to happen.
    private bool HasDoneEnough => Interlocked.Read(ref _shootdowns) > 50 && Interlocked.Read(ref _stores) > 500
        && Interlocked.Read(ref _refusedStores) > 0 && Interlocked.Read(ref _parkings) > 5;

    private static TlbConfiguration Find(string name) => name switch
    {
        nameof(TlbConfiguration.MaximallyStale) => TlbConfiguration.MaximallyStale,
        nameof(TlbConfiguration.Functional) => TlbConfiguration.Functional,
        nameof(TlbConfiguration.Coherent) => TlbConfiguration.Coherent,
        nameof(TlbConfiguration.Randomized) => TlbConfiguration.Randomized(seed: 7),
        _ => CpuModels.Find(name)!.Tlbs with { HostCached = true },
    };

    private void RunCpu(int cpu, long deadline)
    {
        InvalidationMailbox own = _mailboxes[cpu];
        var random = new Random(0x5EED + cpu);
        try
        {
            _guests[cpu].Mmu.TakeOver();
            while (_failures.IsEmpty && (Environment.TickCount64 < deadline || !HasDoneEnough))
            {
                own.DrainIfPending();
                switch (random.Next(60))
                {
                    case 0:
                        own.Park();
                        Interlocked.Increment(ref _parkings);
                        Thread.Sleep(random.Next(2));
                        own.Unpark();
                        break;
                    case < 5:
                        Edit(random, own);
                        break;
                }

                for (int accesses = random.Next(32); accesses > 0; accesses--)
                {
                    Access(cpu, random);
                }
            }
        }
        catch (Exception failure) when (failure is Xunit.Sdk.XunitException or InvalidOperationException)
        {
            _failures.Enqueue(failure);
        }
        finally
        {
            own.Park(); // nobody waits for a CPU that has stopped
        }
    }

    private void Access(int cpu, Random random)
    {
        StressPage page = _pages[random.Next(2) == 0 ? Volatile.Read(ref _hotPage) : random.Next(Pages)];
        if (random.Next(3) == 0)
        {
            bool isStored = page.Write(_guests[cpu].Mmu, cpu, (ulong)random.NextInt64(1, long.MaxValue));
            Interlocked.Increment(ref isStored ? ref _stores : ref _refusedStores);
        }
        else
        {
            page.Read(_guests[cpu].Mmu);
        }
    }

    private void Edit(Random random, InvalidationMailbox own)
    {
        int index = random.Next(Pages);
        StressPage page = _pages[index];
        Volatile.Write(ref _hotPage, index);
        InvalidationRequest request = random.Next(4) switch
        {
            0 => InvalidationRequest.All,
            1 when !page.IsGlobal => InvalidationRequest.NonGlobal,
            _ => InvalidationRequest.Page(page.Linear),
        };
        page.Edit(
            () =>
            {
                Interlocked.Increment(ref _shootdowns);
                InvalidationMailbox.Shootdown(_mailboxes, request, own);
            },
            protect: random.Next(3) == 0,
            wait: () => Wait(own));
    }

    private static void Wait(InvalidationMailbox own)
    {
        for (int i = 0; i < 5; i++)
        {
            own.DrainIfPending();
            Thread.Sleep(0);
            Thread.SpinWait(200);
        }
    }
}
