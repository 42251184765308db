using System.Diagnostics.CodeAnalysis;
using X86Pae.Timing;

namespace X86Pae.Smp;

/// <summary>Carries out one shootdown at a time, with the targets as they stand.</summary>
internal sealed class Shootdown
{
    private readonly Machine _machine;
    private readonly Processor[] _processors;
    private readonly ShootdownCosts _costs;
    private readonly ShootdownOptions _options;
    private readonly InterruptNetwork _network;
    private readonly SentMessage[] _messages; // by target
    private readonly long[] _accepted; // by place in the order of handling, as the two below
    private readonly long[] _done;
    private readonly int[] _targets;

    public Shootdown(Machine machine, Processor[] processors)
    {
        _machine = machine;
        _processors = processors;
        _costs = machine.Costs;
        _options = machine.Options;
        _network = machine.Network;
        _messages = new SentMessage[processors.Length];
        _accepted = new long[processors.Length];
        _done = new long[processors.Length];
        _targets = new int[processors.Length];
    }

    /// <summary>Runs a handler on some processors.</summary>
    /// <typeparam name="THandler">What each processor does.</typeparam>
    /// <param name="initiator">The processor that asks.</param>
    /// <param name="processors">Which ones; the initiator only if it is among them.</param>
    /// <param name="handler">What each processor does.</param>
    /// <returns>Where the initiator's time went.</returns>
    public ShootdownParts Run<THandler>(Processor initiator, in ProcessorSet processors, ref THandler handler)
        where THandler : struct, IInterruptHandler
    {
        ProcessorClock clock = initiator.Clock;
        int targets = ListTargets(initiator.Index, in processors);
        bool local = processors.Contains(initiator.Index);
        if (targets == 0)
        {
            long alone = clock.Now;
            Handle(local, initiator, ref handler);
            return new ShootdownParts { LocalFlush = clock.Now - alone };
        }

        ThrowIfDeadlocked(initiator, targets);
        long start = clock.Now;
        Handle(local && _options.LocalFlush == LocalFlush.First, initiator, ref handler);
        long first = clock.Now;
        clock.Charge(CycleAccount.Shootdown, SetupCost(initiator.Index, targets));
        long ready = clock.Now;
        int messages = Send(initiator, targets, in processors);
        long sent = clock.Now;
        Handle(local && _options.LocalFlush == LocalFlush.Overlapped, initiator, ref handler);
        long ownEnd = clock.Now;

        long targetCycles = 0;
        for (int i = 0; i < targets; i++)
        {
            targetCycles += Interrupt(i, initiator.Index, ref handler);
        }

        var parts = new ShootdownParts
        {
            Targets = targets,
            Messages = messages,
            LocalFlush = first - start,
            Setup = ready - first,
        };
        Observed last = _options.Acknowledgement == Acknowledgement.SharedCounter
            ? CountDown(initiator.Index, targets, ref targetCycles)
            : LastFlag(initiator.Index, targets);
        clock.WaitUntil(CycleAccount.Shootdown, last.Seen);
        parts = parts with { TargetCycles = targetCycles };
        return last.Seen < ownEnd
            ? parts with { Send = sent - ready, LocalFlush = parts.LocalFlush + ownEnd - sent }
            : Describe(parts, last, ready, initiator.Index);
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

    private int ListTargets(int initiator, in ProcessorSet processors)
    {
        int count = 0;
        for (int i = processors.NextFrom(0); i < _processors.Length; i = processors.NextFrom(i + 1))
        {
            _targets[count] = i;
            count += i == initiator ? 0 : 1;
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
            if (_machine.AcceptsFrom[target] == long.MaxValue)
            {
                ThrowDeadlock(target, "a target");
            }
        }
    }

    /// <summary>Handing the request over: a locked insertion into each queue, or one locked operation for all.</summary>
    private long SetupCost(int initiator, int targets)
    {
        if (_options.Requests == RequestPassing.SharedMessage)
        {
            return _costs.LockedRmw;
        }

        long cost = (long)targets * _costs.LockedRmw;
        foreach (int target in _targets.AsSpan(0, targets))
        {
            cost += _costs.Transfer(target, initiator);
        }

        return cost;
    }

    private int Send(Processor initiator, int targets, in ProcessorSet processors)
    {
        ProcessorSet others = processors;
        others.Remove(initiator.Index);
        int group = _network.GroupOf(initiator.Index, in others);
        int messages = 0;
        int last = -1;
        SentMessage message = default;
        foreach (int target in _targets.AsSpan(0, targets))
        {
            if (target / group != last)
            {
                last = target / group;
                message = _network.Send(initiator);
                messages++;
            }

            _messages[target] = message;
        }

        initiator.Clock.Counts.IpisSent += targets;
        initiator.Clock.Counts.IpiMessages += messages;
        return messages;
    }

    /// <summary>Interrupts a target, up to the end of its handler.</summary>
    /// <returns>Cycles it spent.</returns>
    private long Interrupt<THandler>(int place, int initiator, ref THandler handler)
        where THandler : struct, IInterruptHandler
    {
        Processor target = _processors[_targets[place]];
        ProcessorClock clock = target.Clock;
        long arrival = _network.ArrivalAt(_messages[target.Index], initiator, target.Index);
        clock.IdleUntil(Math.Max(arrival, _machine.AcceptsFrom[target.Index]));
        long accepted = clock.Now;
        clock.Counts.IpisHandled++;
        clock.Charge(CycleAccount.Shootdown, EntryOf(target) + _costs.EndOfInterrupt + _costs.Handler);
        handler.Handle(target);
        _accepted[place] = accepted;
        _done[place] = clock.Now;
        clock.Charge(CycleAccount.Shootdown, _costs.Return);
        return clock.Now - accepted;
    }

    private int EntryOf(Processor target) => target.IsInUserMode ? _costs.EntryFromUser : _costs.EntryFromKernel;

    /// <summary>Each target's flag moves to the initiator by itself.</summary>
    private Observed LastFlag(int initiator, int targets)
    {
        var last = new Observed(0, 0, long.MinValue);
        for (int i = 0; i < targets; i++)
        {
            long seen = _done[i] + _costs.Transfer(_targets[i], initiator);
            if (seen > last.Seen)
            {
                last = new Observed(i, _done[i], seen);
            }
        }

        return last;
    }

    /// <summary>The counter's line moves from target to target, in the order in which they ask, and back to the initiator.</summary>
    private Observed CountDown(int initiator, int targets, ref long targetCycles)
    {
        // Sorted by time, then by number: both in one value, which sorts without a comparer to allocate.
        const int PlaceBits = 10;
        long earliest = long.MaxValue;
        foreach (long done in _done.AsSpan(0, targets))
        {
            earliest = Math.Min(earliest, done);
        }

        Span<long> order = stackalloc long[targets];
        for (int i = 0; i < targets; i++)
        {
            order[i] = ((_done[i] - earliest) << PlaceBits) | (uint)i;
        }

        order.Sort();
        long free = long.MinValue;
        int owner = initiator;
        int last = 0;
        foreach (long entry in order)
        {
            int place = (int)entry & ((1 << PlaceBits) - 1);
            int target = _targets[place];
            last = place;
            free = Math.Max(free, _done[place]) + _costs.Transfer(owner, target) + _costs.LockedRmw;
            owner = target;
            _processors[target].Clock.Charge(CycleAccount.Shootdown, free - _done[place]);
            targetCycles += free - _done[place];
        }

        return new Observed(last, free, free + _costs.Transfer(owner, initiator));
    }

    private ShootdownParts Describe(ShootdownParts parts, Observed last, long ready, int initiator)
    {
        Processor target = _processors[_targets[last.Place]];
        SentMessage message = _messages[target.Index];
        long arrival = _network.ArrivalAt(message, initiator, target.Index);
        long accepted = _accepted[last.Place];
        int entry = EntryOf(target);
        return parts with
        {
            Send = message.Sent - ready,
            Wire = arrival - message.Sent,
            Acceptance = accepted - arrival,
            Entry = entry,
            EndOfInterrupt = _costs.EndOfInterrupt,
            Handler = _costs.Handler,
            Flush = _done[last.Place] - accepted - entry - _costs.EndOfInterrupt - _costs.Handler,
            Acknowledgement = last.Acknowledged - _done[last.Place],
            Observation = last.Seen - last.Acknowledged,
        };
    }

    /// <summary>The acknowledgement that is seen last: whose, when it was made, and when it is seen.</summary>
    private readonly record struct Observed(int Place, long Acknowledged, long Seen);
}
