using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Strategies;
using X86Pae.Lab.Comparison;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Smp;
using X86Pae.Timing;

byte[] ram = new byte[1 << 20];
var bus = new SpanBus(ram);
bus.Store(0x1000, 0x2001UL);
bus.Store(0x2000, 0x3003UL);
bus.Store(0x3028, 0x5003UL);
var control = new ControlRegisters(CpuFeatures.Pae36);
control.WriteCr3(0x1000, ref bus);
control.WriteCr4((uint)Cr4.PhysicalAddressExtension, ref bus);
control.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging), ref bus);

WalkResult walk = PageWalker.Walk(ram, in control.State, 0x5123, Access.SupervisorWrite);
Console.WriteLine($"walk: {walk.PhysicalAddress:X}h");
PageFault fault = PageWalker.Walk(ram, in control.State, 0x5123, Access.UserRead).Fault;
Console.WriteLine($"user: {fault.ErrorCode} at {fault.Cr2:X}h");

GuestKernel kernel = GuestKernel.Boot(CpuModels.CoreDuo, processors: 1);
Processor processor = kernel.Machine.Processors[0];
var frame = new PageFrame(0x10_0000);
new RamBus(kernel.Machine.Memory).Store(frame.PhysicalAddress, (byte)0x2A);
MapOutcome mapped = new KmapLocal(kernel).Map(processor, frame);
processor.Mmu.Read(mapped.Address, Access.SupervisorRead, out byte value);
Console.WriteLine($"kmap_local: maps {frame.Number:X}h at {mapped.Address:X}h, reads {value:X}");
