namespace X86Pae.Smp;

/// <summary>What one processor asks of another.</summary>
/// <param name="Initiator">Number of the processor that asks.</param>
/// <param name="Sent">When its own message was written; negative while, or if, there is none.</param>
/// <param name="Arrival">When that message arrives.</param>
internal readonly record struct InterruptRequest(int Initiator, long Sent, long Arrival)
{
    public bool HasMessage => Sent >= 0;
}
