namespace X86Pae.Explaining;

/// <summary>What the PDE cache holds for an address.</summary>
/// <param name="Raw">The entry as it was read.</param>
/// <param name="FillsBefore">
/// How many translations had been filled when it was kept, modulo 2^32; null without <see cref="Tlb.TlbConfiguration.NumbersFills"/>.
/// </param>
/// <param name="FillsSince">How many were filled after that, as a rule including the one it was read for. Null as the number.</param>
/// <param name="IsStale">Whether the walk in memory reads another value, A aside, or does not get there.</param>
public readonly record struct CachedPde(ulong Raw, uint? FillsBefore, uint? FillsSince, bool IsStale);
