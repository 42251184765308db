using X86Pae.Paging;
using X86Pae.Samples.Processor.Instructions;
using X86Pae.Samples.Processor.Registers;
using static Iced.Intel.AssemblerRegisters;

namespace X86Pae.Samples.Processor.Tests.Instructions;

public class SystemInstructionTests
{
    private const uint Page = 0x40_0000;
    private const ulong UserData = BareGuest.Present | BareGuest.Writable | BareGuest.User;

    [Fact]
    public void Cpuid_AgreesWithTheMmu()
    {
        Assert.Equal(7u, CpuidLeaf.Of(Cpu.Features, 0, 0).Eax);
        Assert.Equal((1u << 7) | (1u << 10) | (1u << 20), CpuidLeaf.Of(Cpu.Features, 7, 0).Ebx);
        Assert.Equal(0x8000_0008, CpuidLeaf.Of(Cpu.Features, 0x8000_0000, 0).Eax);
        Assert.Equal(1u << 20, CpuidLeaf.Of(Cpu.Features, 0x8000_0001, 0).Edx);
        Assert.Equal(40u, CpuidLeaf.Of(Cpu.Features, 0x8000_0008, 0).Eax & 0xFF);
        Assert.Equal(0u, CpuidLeaf.Of(CpuFeatures.Pae36, 0x8000_0001, 0).Edx);
        Assert.Equal(default, CpuidLeaf.Of(Cpu.Features, 7, 1));
    }

    [Fact]
    public void MovCr_EnablesPaging_AsAKernelWould()
    {
        BareGuest guest = new BareGuest(a => a.hlt()).EnablePaging(); // leaves tables behind, at a known place
        uint tables = guest.Mmu.Cr3;
        var program = new BareGuest(a =>
        {
            a.mov(eax, cr4);
            a.or(eax, 0x20);
            a.mov(cr4, eax);
            a.mov(eax, tables);
            a.mov(cr3, eax);
            a.mov(eax, cr0);
            a.or(eax, unchecked((int)0x8001_0000));
            a.mov(cr0, eax);
            a.mov(ebx, cr3);
            a.hlt();
        });
        for (uint offset = 0; offset < 0x5000; offset += 4)
        {
            program.Store(tables + offset, guest.Load(tables + offset));
        }

        program.Run();

        Assert.Null(program.Vector);
        Assert.Equal(PagingMode.Pae, program.Mmu.State.Mode);
        Assert.Equal(tables, program.State.Ebx);
    }

    [Fact]
    public void MovCr3_WithABadPdpte_IsGeneralProtectionAndChangesNothing()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(eax, 0x7000);
            a.mov(cr3, eax);
        }).EnablePaging();
        uint before = guest.Mmu.Cr3;
        guest.Store(0x7000, 0x0000_0003); // R/W is reserved there

        guest.Run();

        Assert.Equal((13, 0u, BareGuest.Code + 5, before), (guest.Vector, guest.Pushed(0), guest.Pushed(1), guest.Mmu.Cr3));
    }

    [Theory]
    [InlineData(0x0F, 0x22, 0xE0)] // MOV CR4, EAX with bits that are not there
    [InlineData(0x0F, 0x32, 0x90)] // RDMSR of register 0
    [InlineData(0x0F, 0x30, 0x90)] // WRMSR of register 0
    public void SystemInstruction_WithAnIllegalValue_IsGeneralProtection(byte first, byte second, byte third)
    {
        var guest = new BareGuest([first, second, third]);
        guest.State.Eax = 0x8000_0000;

        Assert.Equal((13, 0u), (guest.Run().Vector, guest.Pushed(0)));
    }

    [Theory]
    [InlineData(0x0F, 0x20, 0xC0)] // MOV EAX, CR0
    [InlineData(0x0F, 0x21, 0xC0)] // MOV EAX, DR0
    [InlineData(0x0F, 0x30, 0x90)] // WRMSR
    [InlineData(0x0F, 0x06, 0x90)] // CLTS
    [InlineData(0x0F, 0x01, 0x38)] // INVLPG [EAX]
    [InlineData(0x0F, 0x01, 0xF0)] // LMSW AX
    [InlineData(0x0F, 0x00, 0xD8)] // LTR AX
    [InlineData(0x0F, 0x01, 0x10)] // LGDT [EAX]
    [InlineData(0xF4, 0x90, 0x90)] // HLT
    [InlineData(0xFA, 0x90, 0x90)] // CLI
    [InlineData(0xE4, 0x60, 0x90)] // IN AL, 60h
    [InlineData(0xE6, 0xE9, 0x90)] // OUT E9h, AL
    [InlineData(0x0F, 0x08, 0x90)] // INVD
    public void PrivilegedInstruction_AtCpl3_IsGeneralProtection(byte first, byte second, byte third)
    {
        BareGuest guest = UserProgram(first, second, third);
        guest.State.Eax = Page;

        guest.Run();

        Assert.Equal((13, 0u, Page), (guest.Vector, guest.Pushed(0), guest.Pushed(1)));
        Assert.Empty(guest.Output.ToArray());
    }

    [Fact]
    public void Stac_LetsTheKernelIntoUserPages_AndClacKeepsItOut()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.stac();
            a.mov(eax, __dword_ptr[Page]);
            a.clac();
            a.mov(ebx, __dword_ptr[Page]);
        }).EnablePaging(Cr4.SupervisorAccessPrevention).Map(Page, 0x20_0000 | UserData);
        guest.Store(0x20_0000, 0x1234);

        guest.Run();

        Assert.Equal((14, 1u, 0x1234u), (guest.Vector, guest.Pushed(0), guest.State.Eax));
    }

    [Fact]
    public void Stac_AtCpl3_IsUndefined() => Assert.Equal(6, UserProgram(0x0F, 0x01, 0xCB).Run().Vector);

    [Theory]
    [InlineData(0x60, 1, true)]
    [InlineData(0x61, 1, false)]
    [InlineData(0x60, 2, false)]
    public void PortAtCpl3_IsAllowedByTheBitmap(byte port, int size, bool allowed)
    {
        BareGuest guest = UserProgram([.. size == 2 ? new byte[] { 0x66, 0xE5 } : [0xE4], port, 0xCD, 0x80]);
        guest.Store(BareGuest.TaskState + 0x64, 0x0068_0000);
        guest.Store(BareGuest.TaskState + 0x68 + (0x60 / 8), 0xFE); // port 60h alone
        guest.State.Tr = new(0x28, new(0x0000_8900_0000_0000 | ((ulong)BareGuest.TaskState << 16) | 0x80));

        Assert.Equal(allowed ? 0x80 : 13, guest.Run().Vector);
    }

    [Fact]
    public void Ltr_MarksTheTaskBusy_AndRefusesItTheSecondTime()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(eax, 0x28);
            a.ltr(ax);
            a.ltr(ax);
        }).Run();

        Assert.Equal((13, 0x28u), (guest.Vector, guest.Pushed(0)));
        Assert.Equal(0x8Bu, guest.Load(BareGuest.GlobalTable + 0x2C) >> 8 & 0xFF);
    }

    [Fact]
    public void SegmentLoad_SetsTheAccessedFlag()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(eax, 0x23);
            a.mov(gs, eax);
            a.hlt();
        });
        Assert.Equal(0xF2u, guest.Load(BareGuest.GlobalTable + 0x24) >> 8 & 0xFF);

        guest.Run();

        Assert.Equal(0xF3u, guest.Load(BareGuest.GlobalTable + 0x24) >> 8 & 0xFF);
    }

    [Theory]
    [InlineData(0x18u, 0x18u)] // a code segment of CPL 3 into SS
    [InlineData(0x23u, 0x20u)] // a stack of CPL 3 for the kernel
    [InlineData(0x00u, 0x00u)] // null
    [InlineData(0x30u, 0x30u)] // beyond the limit
    public void StackSegment_ThatCannotBe_IsGeneralProtectionWithTheSelector(uint selector, uint errorCode)
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(eax, selector);
            a.mov(ss, eax);
        }).Run();

        Assert.Equal((13, errorCode), (guest.Vector, guest.Pushed(0)));
    }

    [Fact]
    public void NullSegment_MayBeLoadedButNotUsed()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.xor(eax, eax);
            a.mov(fs, eax);
            a.mov(eax, __dword_ptr.fs[0x100]);
        }).Run();

        Assert.Equal((13, 0u, BareGuest.Code + 4), (guest.Vector, guest.Pushed(0), guest.Pushed(1)));
    }

    [Fact]
    public void LgdtSgdt_GiveBackWhatWasLoaded()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(__word_ptr[0x7000], 0x2F);
            a.mov(__dword_ptr[0x7002], 0x1234_5678);
            a.lgdt(__[0x7000]);
            a.sgdt(__[0x7100]);
            a.hlt();
        }).Run();

        Assert.Equal((0x5678_002Fu, 0x1234u), (guest.Load(0x7100), guest.Load(0x7104)));
    }

    [Theory]
    [InlineData(0x20u, true)]
    [InlineData(0x1Bu, false)]
    [InlineData(0x30u, false)]
    public void Verw_SaysWhetherAWriteWouldPass(uint selector, bool writable)
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.mov(eax, selector);
            a.verw(ax);
            a.hlt();
        }).Run();

        Assert.Equal(writable, guest.State.Has(Eflags.Zero));
    }

    [Fact]
    public void Popf_AtCpl3_CannotRaiseIoplOrMaskInterrupts()
    {
        BareGuest guest = UserProgram(0x9D, 0x9C, 0xCD, 0x80); // POPF; PUSHF; INT 80h
        guest.State.Flags |= Eflags.InterruptEnable;
        guest.State.Esp = Page + 0x7FC;
        guest.Store(0x20_07FC, 0x0024_3001); // ID, AC, IOPL 3, CF; no IF

        guest.Run();

        Assert.Equal(0x80, guest.Vector);
        Assert.Equal(0x0024_0203u, guest.Load(0x20_07FC));
    }

    [Fact]
    public void AlignmentCheck_AtCpl3_IsRaisedOnlyWithAmAndAc()
    {
        foreach (bool mask in (bool[])[false, true])
        {
            BareGuest guest = UserProgram(0xA1, 1, 4, 0x40, 0, 0xCD, 0x80); // MOV EAX, [Page + 401h]; INT 80h
            Assert.True(guest.Mmu.WriteCr0((uint)guest.Mmu.Cr0 | (mask ? (uint)Cr0.AlignmentMask : 0)));
            guest.State.Flags |= Eflags.AlignmentCheck;

            Assert.Equal(mask ? 17 : 0x80, guest.Run().Vector);
        }
    }

    [Fact]
    public void WhatTheProcessorLacks_EndsTheRunAndSaysWhat()
    {
        BareGuest guest = new BareGuest(a =>
        {
            a.xor(eax, eax);
            a.mov(cr0, eax);
        }).Run();

        Assert.Equal(ProcessorStopKind.Unsupported, guest.Stopped?.Kind);
        Assert.Equal("at EIP 00010002h the program uses real mode, which this processor lacks", guest.Stopped?.Message);
    }

    private static BareGuest UserProgram(params byte[] code)
    {
        BareGuest guest = new BareGuest(a => a.hlt()).EnablePaging()
            .Map(Page, 0x20_0000 | UserData)
            .EnterUserMode(Page, esp: Page + 0x800);
        guest.Store(0x20_0000, code);
        return guest;
    }
}
