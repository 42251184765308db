using X86Pae;
using X86Pae.Memory;
using X86Pae.Paging;

var memory = new GuestMemory(sizeInBytes: 64UL << 30);
var ram = new RamBus(memory);
ram.Store(0x1000, 0x2001UL);              // PDPTE 0: directory at 2000h, present
ram.Store(0x2000, 0x3003UL);              // PDE 0:   table at 3000h, present, writable
ram.Store(0x3028, 0xF_0000_0003UL);       // PTE 5:   page at 60 GiB, present, writable
var mmu = MmuFactory.CreateFunctional(memory, CpuFeatures.Pae36);
mmu.WriteCr3(0x1000);
mmu.WriteCr4((uint)Cr4.PhysicalAddressExtension);
mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging));
mmu.Write(linear: 0x5008, Access.SupervisorWrite, 42u);
AccessResult read = mmu.Read(linear: 0x5008, Access.SupervisorRead, out uint value);
Console.WriteLine(read.IsFault ? $"#PF {read.Fault.ErrorCode} at {read.Fault.Cr2:X}h" : $"read {value}");
