using System.Reflection;
using X86Pae.Kmap.Kernel;
using X86Pae.Lab.Comparison;
using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Packages.Tests.Surface;

/// <summary>The public surface of each library is the one that is listed beside this file.</summary>
/// <remarks>Set X86PAE_ACCEPT_SURFACE to 1 to write the listings anew; see docs/contributing.md.</remarks>
public sealed class PublicSurfaceTests
{
    private const string AcceptVariable = "X86PAE_ACCEPT_SURFACE";

    private const string Command =
        AcceptVariable + "=1 dotnet test tests/Packages.Tests -c Release --filter PublicSurfaceTests";

    [Fact]
    public void Mmu_PublicSurface_IsTheOneListed() => AssertListed(typeof(PageWalker).Assembly);

    [Fact]
    public void Machine_PublicSurface_IsTheOneListed() => AssertListed(typeof(CpuModel).Assembly);

    [Fact]
    public void Lab_PublicSurface_IsTheOneListed() => AssertListed(typeof(Workload).Assembly);

    [Fact]
    public void Kmap_PublicSurface_IsTheOneListed() => AssertListed(typeof(GuestKernel).Assembly);

    private static void AssertListed(Assembly assembly)
    {
        string name = assembly.GetName().Name!;
        string listing = Path.Combine(Repository.Tests, "Surface", name + ".txt");
        string beside = Path.ChangeExtension(listing, ".actual.txt");
        IReadOnlyList<string> actual = PublicSurface.Of(assembly);
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            Write(listing, actual);
        }

        string[] listed = File.Exists(listing) ? File.ReadAllLines(listing) : [];
        if (listed.SequenceEqual(actual))
        {
            File.Delete(beside);
            return;
        }

        Write(beside, actual);
        string[] changes = [.. actual.Except(listed).Select(line => "+ " + line), .. listed.Except(actual).Select(line => "- " + line)];
        Assert.Fail(
            $"The public surface of {name} is not the one listed. If the change is meant, accept it with\n  {Command}\n"
            + $"and commit {Path.GetFileName(listing)}; {beside} holds the surface as it is.\n"
            + string.Join('\n', changes.DefaultIfEmpty("  (the same lines in another order)")));
    }

    private static void Write(string path, IReadOnlyList<string> lines) => File.WriteAllText(path, string.Join('\n', lines) + "\n");
}
