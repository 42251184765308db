using System.IO.Compression;
using System.Text;
using X86Pae.Timing;

namespace X86Pae.Cli.Tests;

/// <summary>Recorded data, and a directory for altered copies that goes away with the test.</summary>
internal sealed class TestFiles : IDisposable
{
    public static string Data { get; } = Path.Combine(AppContext.BaseDirectory, "data");

    public static string PlainWalks { get; } = Path.Combine(Data, "walks", "plain-m36-1.csv.gz");

    public static string NxWalks { get; } = Path.Combine(Data, "walks", "nx-m40-1.csv.gz");

    public static string SmepSmapWalks { get; } = Path.Combine(Data, "walks", "smep-smap-nx-m40-1.csv.gz");

    public static string SmepSmapSnapshot { get; } = Path.Combine(Data, "snapshots", "linux-6.1-686pae-2cpu-smep-smap");

    public static string PtiSnapshot { get; } = Path.Combine(Data, "snapshots", "linux-6.1-686pae-4cpu-pti");

    public static string ForkRecording { get; } = Path.Combine(Data, "kmap", "forkio-4cpu.ftrace.gz");

    public static string FileSystemRecording { get; } = Path.Combine(Data, "kmap", "fs-4cpu-preempt.ftrace.gz");

    public string Root { get; } = Directory.CreateTempSubdirectory("paelab-").FullName;

    /// <summary>Load latencies measured on the processor of a built-in model.</summary>
    public static string Latency(string model) => Path.Combine(Data, "latency", $"{model}.csv");

    /// <summary>The JSON file of a built-in model.</summary>
    public static string ModelText(string model)
    {
        using Stream json = typeof(CpuModels).Assembly.GetManifestResourceStream($"X86Pae.Timing.Models.{model}.json")!;
        using var reader = new StreamReader(json);
        return reader.ReadToEnd();
    }

    public static string[] Lines(string gzipFile)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(gzipFile), CompressionMode.Decompress));
        return reader.ReadToEnd().TrimEnd('\n').Split('\n');
    }

    public string InRoot(string name) => Path.Combine(Root, name);

    public string WriteText(string name, params IEnumerable<string> lines)
    {
        string path = InRoot(name);
        File.WriteAllText(path, string.Concat(lines.Select(line => line + '\n')));
        return path;
    }

    public string WriteBytes(string name, byte[] content)
    {
        string path = InRoot(name);
        File.WriteAllBytes(path, content);
        return path;
    }

    public string WriteGzip(string name, params IEnumerable<string> lines)
    {
        string path = InRoot(name);
        using var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        gzip.Write(Encoding.ASCII.GetBytes(string.Join('\n', lines) + '\n'));
        return path;
    }

    public string CopySnapshot(string directory)
    {
        foreach (string file in Directory.GetFiles(directory))
        {
            File.Copy(file, InRoot(Path.GetFileName(file)));
        }

        return Root;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
