using System.Diagnostics.CodeAnalysis;
using X86Pae.Timing;

namespace X86Pae.Smp;

/// <summary>Carries out one shootdown at a time, with the targets as they stand.</summary>
/// <param name="machine">The machine.</param>
/// <param name="processors">Its processors.</param>
internal sealed class Shootdown(Machine machine, Processor[] processors)
{
    private const int PlaceBits = 10;

    private readonly ShootdownCosts _costs = machine.Costs;
    private readonly ShootdownOptions _options = machine.Options;
    private readonly InterruptNetwork _network = machine.Network;
    private readonly SentMessage[] _messages = new SentMessage[processors.Length]; // by place in the list of targets, as all here
    private readonly long[] _accepted = new long[processors.Length];
    private readonly long[] _done = new long[processors.Length];
    private readonly long[] _order = new long[processors.Length];
    private readonly int[] _targets = new int[processors.Length];
    private readonly int[] _everybody = [.. Enumerable.Range(0, processors.Length)];
    private readonly int[] _entries = [.. processors.Select(machine.Costs.EntryOf)];

    /// <summary>Runs a handler on some processors.</summary>
    /// <typeparam name="THandler">What each processor does.</typeparam>
    /// <param name="initiator">The processor that asks.</param>
    /// <param name="set">Which ones; the initiator only if it is among them.</param>
    /// <param name="handler">What each processor does.</param>
    /// <param name="pages">Pages that it flushes on each, if that is all it does; 0 for anything else.</param>
    /// <returns>Where the initiator's time went.</returns>
    public ShootdownParts Run<THandler>(Processor initiator, in ProcessorSet set, ref THandler handler, int pages = 0)
        where THandler : struct, IInterruptHandler
    {
        ProcessorClock clock = initiator.Clock;
        long start = clock.Now;
        ProcessorSet others = set;
        others.Remove(initiator.Index);
        bool uniform = pages > 0 && IsUniform(initiator.Index, in others);
        int targets = uniform ? processors.Length - 1 : ListTargets(in others);
        bool local = set.Contains(initiator.Index);
        if (targets == 0)
        {
            Handle(local, initiator, ref handler);
            return new ShootdownParts { LocalFlush = clock.Now - start };
        }

        ThrowIfDeadlocked(initiator, uniform ? _everybody : _targets.AsSpan(0, targets));
        Handle(local && _options.LocalFlush == LocalFlush.First, initiator, ref handler);
        long first = clock.Now;
        HandOver(initiator, in others);
        long ready = clock.Now;
        int messages = uniform ? SendOne(initiator, targets) : Send(initiator, targets, in others);
        long sent = clock.Now;
        Handle(local && _options.LocalFlush == LocalFlush.Overlapped, initiator, ref handler);
        long ownEnd = clock.Now;
        long targetCycles = 0;
        PathToAcknowledgement last;
        if (uniform)
        {
            last = InterruptEverybodyElse(initiator.Index, pages, ref targetCycles);
        }
        else
        {
            for (int place = 0; place < targets; place++)
            {
                targetCycles += Interrupt(place, initiator.Index, ref handler);
            }

            last = _options.Acknowledgement == Acknowledgement.SharedCounter
                ? CountDown(initiator.Index, targets, ref targetCycles)
                : LastFlag(initiator.Index, targets);
        }

        clock.WaitUntil(CycleAccount.Shootdown, last.Seen);
        if (_options.Requests == RequestPassing.SharedMessage)
        {
            machine.RequestLock.Release(initiator);
        }

        var parts = new ShootdownParts
        {
            Targets = targets,
            Messages = messages,
            LocalFlush = first - start,
            Setup = ready - first,
            TargetCycles = targetCycles,
        };
        return last.Seen < ownEnd
            ? parts with { Send = sent - ready, LocalFlush = first - start + ownEnd - sent }
            : last.Describe(parts, ready, clock.Now, _costs);
    }

    private static void Handle<THandler>(bool condition, Processor processor, ref THandler handler)
        where THandler : struct, IInterruptHandler
    {
        if (condition)
        {
            handler.Handle(processor);
        }
    }

    [DoesNotReturn]
    private static void ThrowDeadlock(int processor, string role) => throw new InvalidOperationException(
        $"Processor {processor}, {role}, has its interrupts off: the shootdown would never end.");

    private int ListTargets(in ProcessorSet others)
    {
        int count = 0;
        for (int i = others.NextFrom(0); i < processors.Length; i = others.NextFrom(i + 1))
        {
            _targets[count++] = i;
        }

        return count;
    }

    /// <summary>Whether one message reaches all others, and nothing tells one of them from another but its own state.</summary>
    private bool IsUniform(int initiator, in ProcessorSet others) =>
        _options.Acknowledgement == Acknowledgement.PerCpuFlags
        && !_costs.HasFarProcessors
        && processors.Length > 1
        && others.Count == processors.Length - 1
        && _network.GroupOf(initiator, in others) == InterruptNetwork.Everybody;

    private void ThrowIfDeadlocked(Processor initiator, ReadOnlySpan<int> targets)
    {
        if (!initiator.InterruptsEnabled)
        {
            ThrowDeadlock(initiator.Index, "the initiator");
        }

        if (!machine.AcceptsFrom.Contains(long.MaxValue))
        {
            return;
        }

        foreach (int target in targets)
        {
            if (target != initiator.Index && machine.AcceptsFrom[target] == long.MaxValue)
            {
                ThrowDeadlock(target, "a target");
            }
        }
    }

    private void HandOver(Processor initiator, in ProcessorSet others)
    {
        if (_options.Requests == RequestPassing.SharedMessage)
        {
            machine.RequestLock.Acquire(initiator);
        }
        else
        {
            initiator.Clock.Charge(CycleAccount.Shootdown, _costs.QueueInsertions(initiator.Index, in others));
        }
    }

    private int Send(Processor initiator, int targets, in ProcessorSet others)
    {
        int group = _network.GroupOf(initiator.Index, in others);
        int messages = 0;
        int end = 0; // of the group that the last message reaches
        SentMessage message = default;
        for (int place = 0; place < targets; place++)
        {
            if (_targets[place] >= end)
            {
                end = ((_targets[place] / group) + 1) * group;
                message = _network.Send(initiator);
                messages++;
            }

            _messages[place] = message;
        }

        initiator.Clock.HotCounts.IpisSent += targets;
        initiator.Clock.HotCounts.IpiMessages += messages;
        return messages;
    }

    private int SendOne(Processor initiator, int targets)
    {
        _messages[0] = _network.Send(initiator);
        initiator.Clock.HotCounts.IpisSent += targets;
        initiator.Clock.HotCounts.IpiMessages++;
        return 1;
    }

    /// <summary>The whole of the loop below for a flush of pages that one message brings to everybody else.</summary>
    /// <returns>The path of the target whose flag is seen last, by a place of its own.</returns>
    private PathToAcknowledgement InterruptEverybodyElse(int initiator, int pages, ref long targetCycles)
    {
        int common = _costs.EndOfInterrupt + _costs.Handler + _costs.Return;
        long flush = (long)pages * machine.Model.Invlpg.Value;
        long arrival = _messages[0].NearArrival;
        if (machine.ClockStates.HaveRefills())
        {
            foreach (Processor processor in processors)
            {
                processor.Clock.BringUpToDate();
            }
        }

        Span<ClockState> clocks = machine.ClockStates.All;
        ReadOnlySpan<long> acceptsFrom = machine.AcceptsFrom.AsSpan(0, clocks.Length);
        ReadOnlySpan<int> entryCosts = _entries.AsSpan(0, clocks.Length);
        int last = -1;
        long lastAccepted = 0;
        long lastEntered = -1;
        long entries = 0;
        for (int i = 0; i < clocks.Length; i++)
        {
            if (i != initiator)
            {
                int entry = entryCosts[i];
                long accepted = clocks[i].TakeFlushInterrupt(Math.Max(arrival, acceptsFrom[i]), entry + common, pages, flush);
                entries += entry;
                if (accepted + entry > lastEntered)
                {
                    (last, lastAccepted, lastEntered) = (i, accepted, accepted + entry);
                }
            }
        }

        targetCycles = entries + ((processors.Length - 1) * (common + flush));
        _targets[0] = last;
        _accepted[0] = lastAccepted;
        _done[0] = lastEntered + _costs.EndOfInterrupt + _costs.Handler + flush;
        return PathOf(0, initiator, _done[0]);
    }

    /// <summary>A processor has entered or left user mode.</summary>
    /// <param name="processor">The processor.</param>
    public void ModeChanged(Processor processor) => _entries[processor.Index] = _costs.EntryOf(processor);

    /// <summary>Interrupts a target, from the message's arrival to the return but for the acknowledgement.</summary>
    /// <returns>Cycles it spent.</returns>
    private long Interrupt<THandler>(int place, int initiator, ref THandler handler)
        where THandler : struct, IInterruptHandler
    {
        Processor target = processors[_targets[place]];
        ProcessorClock clock = target.Clock;
        long arrival = _network.ArrivalAt(_messages[place], initiator, target.Index);
        clock.IdleUntil(Math.Max(arrival, machine.AcceptsFrom[target.Index]));
        long accepted = clock.Now;
        clock.HotCounts.IpisHandled++;
        clock.Charge(CycleAccount.Shootdown, _costs.EntryOf(target) + _costs.EndOfInterrupt + _costs.Handler);
        handler.Handle(target);
        _accepted[place] = accepted;
        _done[place] = clock.Now;
        clock.Charge(CycleAccount.Shootdown, _costs.Return);
        return clock.Now - accepted;
    }

    /// <summary>Each target's flag moves to the initiator by itself; which one is seen last.</summary>
    private PathToAcknowledgement LastFlag(int initiator, int targets)
    {
        int last = 0;
        long lastSeen = long.MinValue;
        for (int place = 0; place < targets; place++)
        {
            long seen = _done[place] + _costs.Transfer(_targets[place], initiator);
            if (seen > lastSeen)
            {
                (last, lastSeen) = (place, seen);
            }
        }

        return PathOf(last, initiator, _done[last]);
    }

    /// <summary>The counter's line moves from target to target, in the order in which they come to it, and back to the initiator.</summary>
    private PathToAcknowledgement CountDown(int initiator, int targets, ref long targetCycles)
    {
        // Time and, at equal times, number in one value sorts without a comparer to allocate.
        long earliest = long.MaxValue;
        foreach (long done in _done.AsSpan(0, targets))
        {
            earliest = Math.Min(earliest, done);
        }

        Span<long> order = _order.AsSpan(0, targets);
        for (int place = 0; place < targets; place++)
        {
            order[place] = ((_done[place] - earliest) << PlaceBits) | (uint)place;
        }

        order.Sort();
        long free = 0;
        int owner = initiator;
        int last = 0;
        foreach (long entry in order)
        {
            last = (int)entry & ((1 << PlaceBits) - 1);
            int target = _targets[last];
            free = Math.Max(free, _done[last]) + _costs.Transfer(owner, target) + _costs.LockedRmw;
            owner = target;
            processors[target].Clock.Charge(CycleAccount.Shootdown, free - _done[last]);
            targetCycles += free - _done[last];
        }

        return PathOf(last, initiator, free);
    }

    private PathToAcknowledgement PathOf(int place, int initiator, long acknowledged)
    {
        int target = _targets[place];
        SentMessage message = _messages[place];
        int entry = _costs.EntryOf(processors[target]);
        return new PathToAcknowledgement
        {
            Target = target,
            Request = new InterruptRequest(initiator, message.Sent, _network.ArrivalAt(message, initiator, target)),
            Accepted = _accepted[place],
            Entry = entry,
            FlushStart = _accepted[place] + entry + _costs.EndOfInterrupt + _costs.Handler,
            Done = _done[place],
            Acknowledged = acknowledged,
            Seen = acknowledged + _costs.Transfer(target, initiator),
        };
    }
}
