namespace X86Pae.Tests.Paging;

/// <summary>Memory that records every access to an entry and lets a test play the other CPUs and the ROM.</summary>
internal sealed class RecordedMemory(byte[] bytes)
{
    public byte[] Bytes => bytes;

    /// <summary>Addresses of the entries loaded, in order.</summary>
    public List<ulong> Loads { get; } = [];

    /// <summary>Addresses of the updates attempted, in order.</summary>
    public List<ulong> Updates { get; } = [];

    /// <summary>Updates of entries below this address are ignored, as in ROM.</summary>
    public ulong RomEnd { get; set; }

    /// <summary>Whether every update is reported as one that another CPU has foiled.</summary>
    public bool AlwaysChanged { get; set; }

    /// <summary>Runs before an update is carried out: another CPU that gets there first.</summary>
    public Action<ulong>? BeforeUpdate { get; set; }
}
