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
        if (!Directory.Exists(directory))
        {
            throw new UserErrorException($"{directory}: {(File.Exists(directory) ? "is not a directory" : "no such directory")}");
        }

        string machineFile = Path.Combine(directory, "machine.json");
        RecordedMachine machine = RecordedMachine.Read(machineFile);
        var memory = new GuestMemory(Math.Min(1UL << machine.MaxPhyAddr, GuestMemory.MaxSizeInBytes));
        PageImage.Load(Path.Combine(directory, "pages.bin.gz"), memory);
        ClearAccessedInPdptes(memory, machine.Cpus);
        var bus = new ReadOnlyBus<RamBus>(new RamBus(memory));

        foreach (RecordedCpu cpu in machine.Cpus)
        {
            ControlRegisters registers = Boot(machineFile, machine.MaxPhyAddr, cpu, ref bus);
            var listed = MappingList.Read(Path.Combine(directory, $"mappings-cpu{cpu.Number}.csv.gz"));
            Compare($"{directory}: cpu {cpu.Number}", in registers.State, ref bus, listed);
        }
    }

    // QEMU, on which snapshots are taken, walks the PDPT in memory and sets A there like in any other table. The bit is
    // reserved in a PDPTE, so that hardware would refuse to load the very tables that the recorded kernel was running on.
    private static void ClearAccessedInPdptes(GuestMemory memory, IEnumerable<RecordedCpu> cpus)
    {
        var ram = new RamBus(memory);
        foreach (RecordedCpu cpu in cpus)
        {
            for (uint i = 0; i < PdpteRegisters.Count; i++)
            {
                ulong address = (cpu.Cr3 & ~0x1Fu) + (i * sizeof(ulong));
                ram.Store(address, ram.LoadEntry64(address) & ~EntryBits.Accessed);
            }
        }
    }

    /// <summary>Loads the recorded registers in an order that hardware accepts: CR0.PG comes last and loads the PDPTEs.</summary>
    private static ControlRegisters Boot(string machineFile, int maxPhyAddr, RecordedCpu cpu, ref ReadOnlyBus<RamBus> bus)
    {
        const Cr4 Paging = Cr4.PageSizeExtensions | Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable
            | Cr4.SupervisorExecutionPrevention | Cr4.SupervisorAccessPrevention | Cr4.ProcessContextIdentifiers;
        var cr4 = (Cr4)cpu.Cr4;
        var registers = new ControlRegisters(new CpuFeatures
        {
            MaxPhyAddr = maxPhyAddr,
            Nx = ((Efer)cpu.Efer & Efer.ExecuteDisableEnable) != 0,
            Smep = (cr4 & Cr4.SupervisorExecutionPrevention) != 0,
            Smap = (cr4 & Cr4.SupervisorAccessPrevention) != 0,
            OtherCr4 = cr4 & ~Paging,
        });

        Require(registers.WriteEfer(cpu.Efer), $"EFER={cpu.Efer:x}");
        Require(registers.WriteCr4(cpu.Cr4, ref bus), $"CR4={cpu.Cr4:x}");
        Require(registers.WriteCr3(cpu.Cr3, ref bus), $"CR3={cpu.Cr3:x}");
        Require(registers.WriteCr0(cpu.Cr0, ref bus), $"CR0={cpu.Cr0:x} with CR3={cpu.Cr3:x}");
        return registers.State.Mode == PagingMode.Pae
            ? registers
            : throw new UserErrorException(
                $"{machineFile}: cpu {cpu.Number}: CR0={cpu.Cr0:x} and CR4={cpu.Cr4:x} do not turn PAE paging on");

        void Require(ControlWrite write, string setting)
        {
            if (write.GeneralProtection)
            {
                throw new UserErrorException($"{machineFile}: cpu {cpu.Number}: the processor refuses {setting} with #GP");
            }
        }
    }

    private void Compare(string place, in PagingState state, ref ReadOnlyBus<RamBus> bus, MappingList listed)
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
            WalkResult result = PageWalker.Walk(ref bus, ref leaf, in state, linear, Probe);
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
