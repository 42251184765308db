using X86Pae.Cli.Input;
using X86Pae.Cli.Reporting;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Cli.Snapshots;

/// <summary>Checks the walker against snapshots of the page tables of real machines.</summary>
/// <param name="report">Counts the cases: each page of the linear space of each processor.</param>
/// <param name="progress">Shows the page being checked.</param>
internal sealed class SnapshotCheck(CheckReport report, ProgressLine progress)
{
    private const int PagesBetweenProgress = 1 << 14;

    // Whether a page is mapped is the question, not who may use it: with AC set no right is denied to this access.
    private static readonly Access Probe = new(AccessKind.Read, AccessMode.Supervisor, alignmentCheck: true);

    /// <summary>Checks all processors of one snapshot.</summary>
    /// <param name="directory">Directory with machine.json, pages.bin.gz and a mappings-cpuN.csv.gz for each processor.</param>
    /// <exception cref="UserErrorException">One of its files is missing or wrong.</exception>
    public void Run(string directory)
    {
        Snapshot snapshot = Snapshot.Load(directory);
        var bus = new RamBus(snapshot.Memory);
        foreach (RecordedCpu cpu in snapshot.Machine.Cpus)
        {
            ControlRegisters registers = snapshot.Boot(cpu);
            if (registers.State.Mode != PagingMode.Pae)
            {
                throw new UserErrorException(
                    $"{snapshot.MachineFile}: cpu {cpu.Number}: CR0={cpu.Cr0:x} and CR4={cpu.Cr4:x} do not turn PAE paging on");
            }

            var listed = MappingList.Read(Path.Combine(directory, $"mappings-cpu{cpu.Number}.csv.gz"));
            Compare($"{directory}: cpu {cpu.Number}", in registers.State, ref bus, listed);
        }
    }

    private void Compare(string place, in PagingState state, ref RamBus bus, MappingList listed)
    {
        long failedBefore = report.Failed;
        int mapped = 0;
        int mappedByLargePages = 0;
        for (int page = 0; page < MappingList.PageCount; page++)
        {
            if (page % PagesBetweenProgress == 0)
            {
                progress.Report($"page {page} of {MappingList.PageCount}, {place}");
            }

            uint linear = (uint)page << 12;
            LeafObserver leaf = default;
            WalkResult result = PageWalker.Probe(ref bus, ref leaf, in state, linear, Probe);
            PageMapping actual = result.IsFault
                ? default
                : new PageMapping(result.PhysicalAddress, leaf.Level == WalkLevel.Pde, leaf.Entry);
            mapped += actual.IsMapped ? 1 : 0;
            mappedByLargePages += actual.IsLarge ? 1 : 0;

            PageMapping expected = listed[page];
            if (actual == expected)
            {
                report.Pass();
            }
            else
            {
                report.Fail(() => Describe(place, linear, expected, actual, result));
            }
        }

        report.Note(
            $"{place}: {mapped} of {MappingList.PageCount} pages mapped ({mapped - mappedByLargePages} by 4-KiB pages, "
            + $"{mappedByLargePages} by 2-MiB pages), {report.Failed - failedBefore} failed");
    }

    private static string Describe(string place, uint linear, PageMapping expected, PageMapping actual, WalkResult result)
    {
        string fault = result.IsFault ? $" (page fault, error code {(int)result.Fault.ErrorCode:x})" : string.Empty;
        return $"""
            {place}: linear {linear:x8}
              expected:  {expected}
              actual:    {actual}{fault}
            """;
    }
}
