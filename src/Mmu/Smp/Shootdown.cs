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

    /// <summary>Runs a handler on some processors.</summary>
    /// <typeparam name="THandler">What each processor does.</typeparam>
    /// <param name="initiator">The processor that asks.</param>
    /// <param name="set">Which ones; the initiator only if it is among them.</param>
    /// <param name="handler">What each processor does.</param>
    /// <returns>Where the initiator's time went.</returns>
    public ShootdownParts Run<THandler>(Processor initiator, in ProcessorSet set, ref THandler handler)
        where THandler : struct, IInterruptHandler
    {
        ProcessorClock clock = initiator.Clock;
        long start = clock.Now;
        ProcessorSet others = set;
        others.Remove(initiator.Index);
        int targets = ListTargets(in others);
        bool local = set.Contains(initiator.Index);
        if (targets == 0)
        {
            Handle(local, initiator, ref handler);
            return new ShootdownParts { LocalFlush = clock.Now - start };
        }

        ThrowIfDeadlocked(initiator, targets);
        Handle(local && _options.LocalFlush == LocalFlush.First, initiator, ref handler);
        long first = clock.Now;
        HandOver(initiator, in others);
        long ready = clock.Now;
        int messages = Send(initiator, targets, in others);
        long sent = clock.Now;
        Handle(local && _options.LocalFlush == LocalFlush.Overlapped, initiator, ref handler);
        long ownEnd = clock.Now;
        long targetCycles = 0;
        for (int place = 0; place < targets; place++)
        {
            targetCycles += Interrupt(place, initiator.Index, ref handler);
        }

        PathToAcknowledgement last = _options.Acknowledgement == Acknowledgement.SharedCounter
            ? CountDown(initiator.Index, targets, ref targetCycles)
            : LastFlag(initiator.Index, targets);
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

    private void ThrowIfDeadlocked(Processor initiator, int targets)
    {
        if (!initiator.InterruptsEnabled)
        {
            ThrowDeadlock(initiator.Index, "the initiator");
        }

        foreach (int target in _targets.AsSpan(0, targets))
        {
            if (machine.AcceptsFrom[target] == long.MaxValue)
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

        initiator.Clock.Counts.IpisSent += targets;
        initiator.Clock.Counts.IpiMessages += messages;
        return messages;
    }

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
        clock.Counts.IpisHandled++;
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
