namespace X86Pae.Smp;

/// <summary>An interrupt message under way.</summary>
/// <param name="Sent">When the sender had written its command register.</param>
/// <param name="NearArrival">When it arrives in the sender's own package.</param>
internal readonly record struct SentMessage(long Sent, long NearArrival);
