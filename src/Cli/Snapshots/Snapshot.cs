using X86Pae.Cli.Input;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Cli.Snapshots;

/// <summary>The page tables and paging registers of a machine, as recorded.</summary>
/// <param name="MachineFile">The file that describes the machine, for messages.</param>
/// <param name="Machine">What it says.</param>
/// <param name="Memory">The pages that hold page tables; everything else is zero.</param>
internal sealed record Snapshot(string MachineFile, RecordedMachine Machine, GuestMemory Memory)
{
    private const uint PdpteCount = 4;

    /// <summary>Loads a snapshot.</summary>
    /// <param name="directory">Directory with machine.json and pages.bin.gz.</param>
    /// <exception cref="UserErrorException">One of its files is missing or wrong.</exception>
    public static Snapshot Load(string directory)
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
        return new Snapshot(machineFile, machine, memory);
    }

    /// <summary>Loads the recorded registers in an order that hardware accepts: CR0.PG comes last and loads the PDPTEs.</summary>
    /// <param name="cpu">One of the machine's processors.</param>
    /// <exception cref="UserErrorException">A processor would refuse them.</exception>
    public ControlRegisters Boot(RecordedCpu cpu)
    {
        const Cr4 Paging = Cr4.PageSizeExtensions | Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable
            | Cr4.SupervisorExecutionPrevention | Cr4.SupervisorAccessPrevention | Cr4.ProcessContextIdentifiers;
        var cr4 = (Cr4)cpu.Cr4;
        var registers = new ControlRegisters(new CpuFeatures
        {
            MaxPhyAddr = Machine.MaxPhyAddr,
            Nx = ((Efer)cpu.Efer & Efer.ExecuteDisableEnable) != 0,
            Smep = (cr4 & Cr4.SupervisorExecutionPrevention) != 0,
            Smap = (cr4 & Cr4.SupervisorAccessPrevention) != 0,
            OtherCr4 = cr4 & ~Paging,
        });

        var bus = new RamBus(Memory);
        Require(registers.WriteEfer(cpu.Efer), $"EFER={cpu.Efer:x}");
        Require(registers.WriteCr4(cpu.Cr4, ref bus), $"CR4={cpu.Cr4:x}");
        Require(registers.WriteCr3(cpu.Cr3, ref bus), $"CR3={cpu.Cr3:x}");
        Require(registers.WriteCr0(cpu.Cr0, ref bus), $"CR0={cpu.Cr0:x} with CR3={cpu.Cr3:x}");
        return registers;

        void Require(Invalidation? dropped, string setting)
        {
            if (dropped is null)
            {
                throw new UserErrorException($"{MachineFile}: cpu {cpu.Number}: the processor refuses {setting} with #GP");
            }
        }
    }

    // QEMU, on which snapshots are taken, walks the PDPT in memory and sets A there like in any other table. The bit is
    // reserved in a PDPTE, so that hardware would refuse to load the very tables that the recorded kernel was running on.
    private static void ClearAccessedInPdptes(GuestMemory memory, IEnumerable<RecordedCpu> cpus)
    {
        var ram = new RamBus(memory);
        foreach (RecordedCpu cpu in cpus)
        {
            for (uint i = 0; i < PdpteCount; i++)
            {
                ulong address = (cpu.Cr3 & ~0x1Fu) + (i * sizeof(ulong));
                ram.Store(address, ram.LoadEntry64(address) & ~EntryBits.Accessed);
            }
        }
    }
}
