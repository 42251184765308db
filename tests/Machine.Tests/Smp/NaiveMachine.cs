// A machine simulated cycle by cycle. Each processor is a stack of coroutines: its program and, above it, an interrupt handler. A
// coroutine yields what it waits for. In every cycle, as long as anyone can go on, the lowest-numbered one that can does.

using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Tests.Smp;

/// <summary>The events of an engine once more, as simple and as slow as can be.</summary>
internal sealed class NaiveMachine
{
    private const int LongestWait = 1000; // no cost or sum of costs comes near

    private readonly NaiveCosts _costs;
    private readonly ShootdownOptions _options;
    private readonly NaiveCpu[] _cpus;
    private readonly NaiveLock[] _locks = [new(), new(), new() { Sleeps = true }];
    private readonly NaiveLock _messageLock = new();
    private readonly List<NaiveCpu> _sleepers = [];
    private long _now;
    private long _busFree;

    public NaiveMachine(NaiveScenario scenario)
    {
        _costs = scenario.Costs;
        _options = scenario.Options;
        _cpus = [.. scenario.Scripts.Select((_, i) => new NaiveCpu(i, scenario.UserMode[i]))];
        foreach (NaiveCpu cpu in _cpus)
        {
            cpu.Start(Program(cpu, scenario.Scripts[cpu.Index]));
        }
    }

    public IReadOnlyList<NaiveCpu> Cpus => _cpus;

    public RunOutcome Run()
    {
        int quiet = 0;
        for (_now = 0; quiet < LongestWait; _now++)
        {
            quiet++;
            while (Array.Find(_cpus, CanGoOn) is { } cpu)
            {
                GoOn(cpu);
                quiet = 0;
            }
        }

        return Array.TrueForAll(_cpus, cpu => cpu.HasEnded) ? RunOutcome.Finished : RunOutcome.Deadlocked;
    }

    private bool MustAccept(NaiveCpu cpu) => cpu.Wait.Interruptible && cpu.InterruptsOn && cpu.Arrivals.Exists(at => at <= _now);

    private bool CanGoOn(NaiveCpu cpu) => MustAccept(cpu) || cpu.Wait.IsOver(_now);

    private void GoOn(NaiveCpu cpu)
    {
        cpu.ChargeWait(_now);
        if (MustAccept(cpu))
        {
            cpu.Interrupt(Handler(cpu), _now);
        }

        cpu.Resume(_now);
    }

    private int Transfer(int from, int to) => from == to ? 0 : IsFar(from, to) ? _costs.TransferFar : _costs.Transfer;

    private bool IsFar(int one, int other) => _options.ProcessorsPerPackage is { } size && one / size != other / size;

    private IEnumerator<NaiveWait> Program(NaiveCpu cpu, NaiveStep[] script)
    {
        foreach (NaiveStep step in script)
        {
            yield return NaiveWait.Boundary; // asks
            yield return NaiveWait.Boundary; // performs
            switch (step.Kind)
            {
                case NaiveKind.Compute:
                    for (int i = 0; i < step.Number; i++)
                    {
                        yield return NaiveWait.For(1, CycleAccount.Work) with { Interruptible = true };
                    }

                    yield return NaiveWait.Boundary;
                    break;
                case NaiveKind.InterruptsOff:
                    cpu.InterruptsOn = false;
                    yield return NaiveWait.For(_costs.Cli, CycleAccount.Lock);
                    break;
                case NaiveKind.InterruptsOn:
                    yield return NaiveWait.For(_costs.Sti, CycleAccount.Lock);
                    cpu.InterruptsOn = true;
                    break;
                case NaiveKind.Acquire:
                    for (IEnumerator<NaiveWait> part = Acquire(cpu, _locks[step.Number]); part.MoveNext();)
                    {
                        yield return part.Current;
                    }

                    break;
                case NaiveKind.Release:
                    _locks[step.Number].Release();
                    break;
                case NaiveKind.SleepReleasing:
                    _sleepers.Add(cpu);
                    _locks[step.Number].Release();
                    yield return NaiveWait.Until(() => !_sleepers.Contains(cpu), account: null);
                    break;
                case NaiveKind.WakeOne:
                    _sleepers.RemoveRange(0, Math.Min(1, _sleepers.Count));
                    break;
                case NaiveKind.WakeAll:
                    _sleepers.Clear();
                    break;
                case NaiveKind.Shootdown:
                    for (IEnumerator<NaiveWait> part = Shootdown(cpu, step); part.MoveNext();)
                    {
                        yield return part.Current;
                    }

                    break;
            }
        }

        yield return NaiveWait.Boundary;
        yield return NaiveWait.Boundary;
        cpu.HasEnded = true;
        yield return NaiveWait.Until(() => false, account: null);
    }

    private IEnumerator<NaiveWait> Acquire(NaiveCpu cpu, NaiveLock taken)
    {
        if (taken.Queue.Count > 0)
        {
            taken.Queue.Add(cpu);
            yield return NaiveWait.Until(() => taken.Queue[0] == cpu, taken.Sleeps ? null : CycleAccount.Lock);
        }
        else
        {
            taken.Queue.Add(cpu);
        }

        int transfer = taken.Last is null ? 0 : Transfer(taken.Last.Index, cpu.Index);
        taken.Last = cpu;
        yield return NaiveWait.For(_costs.Locked + transfer, CycleAccount.Lock);
    }

    private IEnumerator<NaiveWait> Shootdown(NaiveCpu cpu, NaiveStep step)
    {
        long start = _now;
        NaiveCpu[] all = [.. _cpus.Where(other => step.Processors is not { } some || some.Contains(other.Index))];
        NaiveCpu[] targets = [.. all.Where(other => other != cpu)];
        int flush = all.Contains(cpu) ? step.Number * _costs.Invlpg : 0;
        yield return NaiveWait.Boundary;
        if (_options.LocalFlush == LocalFlush.First)
        {
            yield return NaiveWait.For(flush, CycleAccount.Flush);
            yield return NaiveWait.Boundary;
        }

        if (targets.Length > 0)
        {
            if (_options.Requests == RequestPassing.SharedMessage)
            {
                for (IEnumerator<NaiveWait> part = Acquire(cpu, _messageLock); part.MoveNext();)
                {
                    yield return part.Current;
                }
            }
            else
            {
                yield return NaiveWait.For(
                    targets.Sum(target => _costs.Locked + Transfer(target.Index, cpu.Index)), CycleAccount.Shootdown);
            }
        }

        var pending = new NaivePending(step.Number * _costs.Invlpg, targets.Length, cpu);
        List<NaiveCpu> unsent = [.. targets.Where(target => !_options.Coalesces || target.Requests.Count == 0)];
        foreach (NaiveCpu target in targets)
        {
            target.Requests.Add(pending);
        }

        cpu.Sent += unsent.Count;
        bool oneMessage = _options.Delivery == IpiDelivery.Logical
            || (_options.Delivery == IpiDelivery.AllButSelf && (unsent.Count > 1 || unsent.Count == _cpus.Length - 1));
        while (unsent.Count > 0)
        {
            yield return NaiveWait.Until(() => _now >= cpu.RegisterIdle, CycleAccount.Shootdown);
            yield return NaiveWait.For(_costs.Idle + _costs.Write, CycleAccount.Shootdown);
            List<NaiveCpu> reached = oneMessage ? [.. unsent] : unsent[..1];
            if (_costs.Serial)
            {
                _busFree = Math.Max(_busFree, _now) + _costs.Wire;
                cpu.RegisterIdle = _busFree;
            }

            foreach (NaiveCpu target in reached)
            {
                target.Arrivals.Add(
                    _costs.Serial ? _busFree : _now + (IsFar(cpu.Index, target.Index) ? _costs.WireFar : _costs.Wire));
                unsent.Remove(target);
            }

            cpu.Messages++;
        }

        yield return NaiveWait.Boundary;
        if (_options.LocalFlush == LocalFlush.Overlapped)
        {
            yield return NaiveWait.For(flush, CycleAccount.Flush);
        }

        yield return NaiveWait.Until(() => pending.Left == 0 && _now >= pending.Seen, CycleAccount.Shootdown);
        if (targets.Length > 0 && _options.Requests == RequestPassing.SharedMessage)
        {
            _messageLock.Release();
        }

        cpu.Shootdowns++;
        cpu.LastShootdown = _now - start;
    }

    private IEnumerator<NaiveWait> Handler(NaiveCpu cpu)
    {
        cpu.Arrivals.RemoveAll(at => at <= _now);
        cpu.Interrupts++;
        yield return NaiveWait.For(
            (cpu.UserMode ? _costs.EntryUser : _costs.Entry) + _costs.Eoi + _costs.Handler, CycleAccount.Shootdown);
        List<NaivePending> batch = [.. cpu.Requests];
        cpu.Requests.Clear();
        foreach (NaivePending request in batch)
        {
            yield return NaiveWait.For(request.FlushCycles, CycleAccount.Flush);
            if (_options.Acknowledgement == Acknowledgement.SharedCounter)
            {
                request.CounterFree = Math.Max(request.CounterFree, _now) + Transfer(request.CounterOwner.Index, cpu.Index)
                    + _costs.Locked;
                request.CounterOwner = cpu;
                request.Seen = request.CounterFree + Transfer(cpu.Index, request.Initiator.Index);
                request.Left--;
                yield return NaiveWait.For(request.CounterFree - _now, CycleAccount.Shootdown);
            }
            else
            {
                request.Seen = Math.Max(request.Seen, _now + Transfer(cpu.Index, request.Initiator.Index));
                request.Left--;
            }
        }

        yield return NaiveWait.For(_costs.Return, CycleAccount.Shootdown);
    }
}

/// <summary>A lock: the first of the queue has it.</summary>
internal sealed class NaiveLock
{
    public List<NaiveCpu> Queue { get; } = [];

    public NaiveCpu? Last { get; set; }

    public bool Sleeps { get; init; }

    public void Release() => Queue.RemoveAt(0);
}

/// <summary>A shootdown that targets are asked for.</summary>
internal sealed class NaivePending(int flushCycles, int targets, NaiveCpu initiator)
{
    public int FlushCycles => flushCycles;

    public NaiveCpu Initiator { get; } = initiator;

    public int Left { get; set; } = targets;

    public long Seen { get; set; }

    public long CounterFree { get; set; }

    public NaiveCpu CounterOwner { get; set; } = initiator;
}
