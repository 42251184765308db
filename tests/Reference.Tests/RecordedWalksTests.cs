using X86Pae.CheckYourMmu;
using X86Pae.Reference.Library;
using X86Pae.Tlb;

namespace X86Pae.Reference.Tests;

public sealed class RecordedWalksTests
{
    private static readonly LibraryMmuFactory Library = new([TlbConfiguration.Coherent]);

    // 59,872 accesses as they were recorded; docs/recordings.md says on what.
    [Theory]
    [InlineData("nx-m40-1", 20_000)]
    [InlineData("plain-m36-1", 19_872)]
    [InlineData("smep-smap-nx-m40-1", 20_000)]
    public void Check_Library_PassesAllOfThem(string name, long cases)
    {
        ConformanceReport report = RecordedWalks.Check(Library.Create, LibraryMmuFactory.Profile, name);

        Assert.Equal((cases, 0L, 0), (report.Passed, report.Failed, report.LeftOut.Count));
    }

    [Fact]
    public void Names_InThePackage_AreTheFilesOfTheRepository() => Assert.Equal(
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "data", "walks"))
            .Select(file => Path.GetFileName(file).Replace(".csv.gz", "", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
        RecordedWalks.Names);

    [Theory]
    [InlineData("nx-m40-1", 0)]
    [InlineData("smep-smap-nx-m40-1", 10_000)]
    public void Check_PlainPager_PassesWhatItsProfileDeclares(string name, long leastLeftOut)
    {
        ConformanceReport report = Check(Mistake.None, name);

        Assert.True(report.Passes, report.ToString());
        Assert.InRange(report.LeftOut.Values.Sum(), leastLeftOut, leastLeftOut + 5_000);
    }

    [Theory]
    [InlineData((int)Mistake.ReservedBits, "C14")]
    [InlineData((int)Mistake.WriteProtect, "C21")]
    public void Check_PlantedMistake_NamesTheRule(int mistake, string rule)
    {
        ConformanceReport report = Check((Mistake)mistake, "nx-m40-1");

        Assert.InRange(report.Failed, 100, 2_000);
        Assert.Equal(10, report.Failures.Count);
        Assert.All(report.Failures, failure => Assert.Equal(rule, failure.Rule?.Name));
    }

    [Fact]
    public void Check_NoSuchName_Throws() =>
        Assert.Throws<ArgumentException>("name", () => Check(Mistake.None, "nothing"));

    [Fact]
    public void Check_TooLittleMemory_Throws() => Assert.Throws<ArgumentException>(
        "profile",
        () => RecordedWalks.Check(
            Library.Create, LibraryMmuFactory.Profile with { MaxMemorySizeInBytes = 1 << 20 }, RecordedWalks.Names[0]));

    [Fact]
    public void Check_MalformedLine_ThrowsWithItsPlace()
    {
        using var csv = new MemoryStream("nonsense"u8.ToArray());

        InvalidDataException thrown = Assert.Throws<InvalidDataException>(
            () => RecordedWalks.Check(Library.Create, LibraryMmuFactory.Profile, "mine.csv", csv));

        Assert.StartsWith("mine.csv:1: expected '# maxphyaddr=M", thrown.Message, StringComparison.Ordinal);
    }

    private static ConformanceReport Check(Mistake mistake, string name) =>
        RecordedWalks.Check(setup => new PlainPager(setup, mistake), ConformanceTests.PagerProfile, name);
}
