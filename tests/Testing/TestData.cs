namespace X86Pae.Testing;

/// <summary>The recorded data under tests/data, which is copied beside the tests.</summary>
internal static class TestData
{
    /// <summary>Path of a file.</summary>
    /// <param name="folder">Folder under tests/data.</param>
    /// <param name="file">Name of the file.</param>
    public static string PathOf(string folder, string file) => Path.Combine(AppContext.BaseDirectory, "data", folder, file);
}
