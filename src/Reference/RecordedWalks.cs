using System.IO.Compression;
using X86Pae.Reference.Walks;

namespace X86Pae.Reference;

/// <summary>Checks an MMU on single accesses that were recorded on other implementations, QEMU and Bochs.</summary>
/// <remarks>Each vector is one path of table entries and one access to it, with outcome, error code, CR2, frame and flags.</remarks>
public static class RecordedWalks
{
    private const string Prefix = "X86Pae.Reference.Walks.";
    private const string Suffix = ".csv.gz";

    /// <summary>Names of the files of vectors in this package, in order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(RecordedWalks).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Suffix.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Checks the vectors of one file in this package.</summary>
    /// <param name="create">Makes an MMU after reset.</param>
    /// <param name="profile">What the MMU can do; vectors that need more are left out.</param>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is none of the names, or the MMU has less than 2 MiB of memory.</exception>
    public static ConformanceReport Check(Func<MmuSetup, IMmuAdapter> create, MmuProfile profile, string name)
    {
        ArgumentNullException.ThrowIfNull(create);
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(name);
        Stream stored = typeof(RecordedWalks).Assembly.GetManifestResourceStream(Prefix + name + Suffix)
            ?? throw new ArgumentException($"'{name}' is none of {string.Join(", ", Names)}.", nameof(name));
        using var content = new GZipStream(stored, CompressionMode.Decompress);
        return Check(create, profile, name, content);
    }

    /// <summary>Checks the vectors of a file.</summary>
    /// <param name="create">Makes an MMU after reset.</param>
    /// <param name="profile">What the MMU can do; vectors that need more are left out.</param>
    /// <param name="name">What the report calls the file.</param>
    /// <param name="csv">Its content: comma-separated values, not compressed.</param>
    /// <param name="progress">Told now and then the number of the case.</param>
    /// <exception cref="ArgumentException">The MMU has less than 2 MiB of memory.</exception>
    /// <exception cref="InvalidDataException">A line does not parse, or there is no case; the message names file and line.</exception>
    public static ConformanceReport Check(
        Func<MmuSetup, IMmuAdapter> create, MmuProfile profile, string name, Stream csv, Action<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(create);
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(csv);
        if (profile.MaxMemorySizeInBytes < 2 << 20)
        {
            throw new ArgumentException("The recorded walks need 2 MiB of memory.", nameof(profile));
        }

        using var vectors = new WalkVectorReader(name, csv);
        return new WalkRun(create, profile).Run(vectors, name, progress);
    }
}
