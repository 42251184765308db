using X86Pae.GuestRunner.Devices;
using X86Pae.GuestRunner.Machine;
using X86Pae.GuestRunner.Running;
using X86Pae.Memory;
using X86Pae.Paging;
using static Iced.Intel.AssemblerRegisters;

namespace X86Pae.GuestRunner.Tests.Machine;

public class GuestMachineTests
{
    private const uint Page = 0x40_0000;

    [Fact]
    public void MmioConsole_IsReachedThroughThePageTables()
    {
        byte[] program = Program.Assemble(a =>
        {
            a.mov(__byte_ptr[Page], 'h');
            a.mov(__byte_ptr[Page], 'i');
            a.mov(__byte_ptr[Page], '\n');
            a.mov(eax, __dword_ptr[Page + 4]);
            a.hlt();
        });
        using var output = new MemoryStream();
        var machine = new GuestMachine(program, 16 << 20, new GuestOutput(output));
        MapConsoleAt2MiBPage(machine);

        RunEnd end = machine.Run(maxSteps: 100);

        Assert.Equal((RunEndKind.ProcessorStop, 3u), (end.Kind, machine.State.Eax));
        Assert.Equal("hi\n"u8.ToArray(), output.ToArray());
    }

    /// <summary>Turns PAE paging on with two large pages: the first 2 MiB where they are, and the console at <see cref="Page"/>.</summary>
    private static void MapConsoleAt2MiBPage(GuestMachine machine)
    {
        const uint Pointers = 0x10_0000;
        const uint Directory = 0x10_1000;
        const ulong LargeWritable = 0x83;
        const ulong Uncached = 0x18;
        var ram = new RamBus(machine.Memory);
        ram.Store(Pointers, (ulong)Directory | 1);
        ram.Store(Directory, LargeWritable);
        ram.Store(Directory + (8 * (Page >> 21)), MmioConsole.Address | LargeWritable | Uncached);
        Assert.True(machine.Mmu.WriteCr4((uint)Cr4.PhysicalAddressExtension));
        Assert.True(machine.Mmu.WriteCr3(Pointers));
        Assert.True(machine.Mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging)));
    }
}
