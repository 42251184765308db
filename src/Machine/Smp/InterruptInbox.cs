namespace X86Pae.Smp;

/// <summary>The messages on their way to a processor, and the requests in its queue.</summary>
/// <remarks>Grows to the largest number that was ever there at once, and allocates nothing after that.</remarks>
internal sealed class InterruptInbox
{
    private long[] _arrivals = new long[1]; // latest first
    private InterruptRequest[] _requests = new InterruptRequest[1]; // oldest first
    private int _arrivalCount;
    private int _requestCount;

    /// <summary>Number of requests that the handler has taken from the queue and not yet begun.</summary>
    public int Taken { get; private set; }

    /// <summary>Whether the queue is empty; requests that the handler has taken are no longer in it.</summary>
    public bool IsQueueEmpty => _requestCount == Taken;

    /// <summary>When the next message arrives or has arrived; <see cref="EventOrder.Never"/> if none is on its way.</summary>
    public long NextArrival => _arrivalCount == 0 ? EventOrder.Never : _arrivals[_arrivalCount - 1];

    /// <summary>Puts a request at the end of the queue.</summary>
    /// <param name="request">The request.</param>
    public void Add(InterruptRequest request)
    {
        if (_requestCount == _requests.Length)
        {
            Array.Resize(ref _requests, 2 * _requestCount);
        }

        _requests[_requestCount++] = request;
    }

    /// <summary>The handler takes all requests that are in the queue.</summary>
    public void TakeAll() => Taken = _requestCount;

    /// <summary>The handler begins the oldest request that it has taken.</summary>
    public InterruptRequest Begin()
    {
        InterruptRequest first = _requests[0];
        Taken--;
        _requestCount--;
        Array.Copy(_requests, 1, _requests, 0, _requestCount);
        return first;
    }

    /// <summary>Notes that a message has been sent.</summary>
    /// <param name="request">What it was sent for; noted with the request if that is still in the queue.</param>
    public void Expect(InterruptRequest request)
    {
        if (_arrivalCount == _arrivals.Length)
        {
            Array.Resize(ref _arrivals, 2 * _arrivalCount);
        }

        int place = _arrivalCount++;
        for (; place > 0 && _arrivals[place - 1] < request.Arrival; place--)
        {
            _arrivals[place] = _arrivals[place - 1];
        }

        _arrivals[place] = request.Arrival;
        for (int i = 0; i < _requestCount; i++)
        {
            if (_requests[i].Initiator == request.Initiator)
            {
                _requests[i] = request;
            }
        }
    }

    /// <summary>Accepts one interrupt: all messages that have arrived have set the same bit of the request register.</summary>
    /// <param name="moment">Now.</param>
    public void Accept(long moment)
    {
        while (NextArrival <= moment)
        {
            _arrivalCount--;
        }
    }
}
