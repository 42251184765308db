namespace X86Pae.Paging;

/// <summary>What a cached translation that does not allow an access leads to.</summary>
public enum TlbPermissionMiss : byte
{
    /// <summary>The tables are walked again before a fault is reported (AMD; QEMU and Bochs as measured).</summary>
    Rewalk,

    /// <summary>The fault is reported from the cached rights; the entry is dropped (Intel's freedom).</summary>
    FaultNow,
}
