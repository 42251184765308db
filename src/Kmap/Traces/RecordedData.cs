namespace X86Pae.Kmap.Traces;

/// <summary>Opens recorded data that may be compressed with gzip; told from its first two bytes, not from a name.</summary>
public static class RecordedData
{
    /// <summary>Begins to read.</summary>
    /// <param name="stored">
    /// The data as it is stored, from the current position to the end; it need not be seekable. Disposed together with the
    /// returned stream, but not when this method throws.
    /// </param>
    /// <returns>
    /// The content. Reading on throws <see cref="InvalidDataException"/> where gzip data is corrupt, and at its end where it was
    /// truncated or goes on after one member: what is not whole is never taken for something shorter.
    /// </returns>
    /// <exception cref="IOException">The data cannot be read.</exception>
    public static Stream Open(Stream stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var peeked = new PeekedStream(stored);
        return peeked.Head is [0x1F, 0x8B] ? new VerifiedGzipStream(peeked) : peeked;
    }
}
