using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests;

/// <summary>The examples of the READMEs, the one of the package included, as they stand there.</summary>
public sealed class ReadmeExamplesTests
{
    [Fact]
    public void WalkOverABuffer_TranslatesAndFaultsAsTheReadmeSays()
    {
        byte[] ram = new byte[1 << 20];
        var bus = new SpanBus(ram);
        bus.Store(0x1000, 0x2001UL);
        bus.Store(0x2000, 0x3003UL);
        bus.Store(0x3028, 0x5003UL);

        var control = new ControlRegisters(CpuFeatures.Pae36);
        control.WriteCr3(0x1000, ref bus);
        control.WriteCr4((uint)Cr4.PhysicalAddressExtension, ref bus);
        control.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging), ref bus);

        WalkResult result = PageWalker.Walk(ram, in control.State, linear: 0x5123, Access.SupervisorWrite);
        WalkResult refused = PageWalker.Walk(ram, in control.State, linear: 0x5123, Access.UserRead);

        Assert.Equal(0x5123UL, result.PhysicalAddress);
        Assert.Equal((0x3023UL, 0x5063UL), (bus.LoadEntry64(0x2000), bus.LoadEntry64(0x3028)));
        Assert.Equal(new PageFault(PageFaultErrorCode.Present | PageFaultErrorCode.User, 0x5123), refused.Fault);
    }

    [Fact]
    public void MmuOverSparseMemory_FaultIsAValue()
    {
        var memory = new GuestMemory(sizeInBytes: 64UL << 30);
        var mmu = MmuFactory.CreateFunctional(memory, CpuFeatures.Pae36);
        Assert.True(mmu.WriteCr4((uint)Cr4.PhysicalAddressExtension));
        Assert.True(mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging)));

        AccessResult access = mmu.Read(linear: 0xC0001000, Access.SupervisorRead, out uint _);

        Assert.True(access.IsFault);
        Assert.Equal(0xC000_1000u, access.Fault.Cr2);
    }
}
