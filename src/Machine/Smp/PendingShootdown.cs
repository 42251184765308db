namespace X86Pae.Smp;

/// <summary>A shootdown under way, as its initiator keeps it.</summary>
internal sealed class PendingShootdown
{
    private PathToAcknowledgement _last;
    private long _ready;
    private long _sendEnd;
    private long _firstFlush;
    private int _targets;
    private long _counterFree;
    private int _counterOwner;

    /// <summary>Targets that have not acknowledged yet.</summary>
    public int Unacknowledged { get; private set; }

    /// <summary>When the last acknowledgement so far is seen.</summary>
    public long Seen => _last.Seen;

    /// <summary>Targets that a message has still to be sent for; the set is used up while messages are sent.</summary>
    public ProcessorSet Unsent { get; private set; }

    /// <summary>How many consecutive processors a message reaches.</summary>
    public int Group { get; private set; }

    /// <summary>Messages sent.</summary>
    public int Messages { get; private set; }

    /// <summary>When the initiator began.</summary>
    public long Start { get; private set; }

    /// <summary>When its own part was done, or nothing was left of it to do.</summary>
    public long OwnEnd { get; set; }

    /// <summary>Cycles that the targets have spent.</summary>
    public long TargetCycles { get; set; }

    /// <summary>Begins a shootdown.</summary>
    /// <param name="now">The initiator's clock.</param>
    public void Begin(long now)
    {
        Start = now;
        _firstFlush = 0;
        Messages = 0;
        TargetCycles = 0;
    }

    /// <summary>Its own part came first, and is done.</summary>
    /// <param name="now">The initiator's clock.</param>
    public void FlushedFirst(long now) => _firstFlush = now - Start;

    /// <summary>The requests are in the targets' queues.</summary>
    /// <param name="now">The initiator's clock.</param>
    /// <param name="initiator">Its number.</param>
    /// <param name="targets">How many.</param>
    public void Inserted(long now, int initiator, int targets)
    {
        _ready = now;
        _targets = targets;
        Unacknowledged = targets;
        _last = new PathToAcknowledgement { Target = initiator, Seen = -1 };
        _counterFree = long.MinValue;
        _counterOwner = initiator;
    }

    /// <summary>Messages are to be sent.</summary>
    /// <param name="unsent">For whom.</param>
    /// <param name="group">How many consecutive processors one message reaches.</param>
    public void SendTo(in ProcessorSet unsent, int group)
    {
        Unsent = unsent;
        Group = group;
    }

    /// <summary>A message has been sent.</summary>
    /// <param name="unsent">Who still needs one.</param>
    public void MessageSent(in ProcessorSet unsent)
    {
        Unsent = unsent;
        Messages++;
    }

    /// <summary>All messages have been sent.</summary>
    /// <param name="now">The initiator's clock.</param>
    public void Sent(long now)
    {
        _sendEnd = now;
        OwnEnd = now;
    }

    /// <summary>A target sets its flag.</summary>
    /// <param name="path">How it came to it.</param>
    public void AddFlag(in PathToAcknowledgement path)
    {
        Unacknowledged--;
        if (path.Seen > _last.Seen || (path.Seen == _last.Seen && path.Target < _last.Target))
        {
            _last = path;
        }
    }

    /// <summary>A target comes to the counter.</summary>
    /// <param name="target">Its number.</param>
    /// <param name="now">Its clock.</param>
    /// <param name="costs">What the counter costs.</param>
    /// <returns>When it has decremented it.</returns>
    public long CountDown(int target, long now, ShootdownCosts costs)
    {
        _counterFree = Math.Max(_counterFree, now) + costs.Transfer(_counterOwner, target) + costs.LockedRmw;
        _counterOwner = target;
        return _counterFree;
    }

    /// <summary>A target has decremented the counter.</summary>
    /// <param name="path">How it came to it.</param>
    public void AddCount(in PathToAcknowledgement path)
    {
        Unacknowledged--;
        _last = path;
    }

    /// <summary>The parts of it, once it has ended.</summary>
    /// <param name="end">The initiator's clock.</param>
    /// <param name="costs">What the parts cost.</param>
    public ShootdownParts Describe(long end, ShootdownCosts costs)
    {
        var parts = new ShootdownParts
        {
            Targets = _targets,
            Messages = Messages,
            LocalFlush = _firstFlush,
            Setup = _ready - _firstFlush - Start,
            TargetCycles = TargetCycles,
        };
        return _last.Seen < OwnEnd
            ? parts with { Send = _sendEnd - _ready, LocalFlush = _firstFlush + end - _sendEnd }
            : _last.Describe(parts, _ready, end, costs);
    }
}
