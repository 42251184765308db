using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Embedding;

/// <summary>The adapters of docs/embedding.md: each translates, faults and flushes.</summary>
public sealed class AdapterTests
{
    private const PageFaultErrorCode P = PageFaultErrorCode.Present;
    private const PageFaultErrorCode W = PageFaultErrorCode.Write;
    private const PageFaultErrorCode U = PageFaultErrorCode.User;

    private readonly byte[] _ram = new byte[0x1_0000];

    [Fact]
    public void ArrayBus_MappedPage_ReadsAndWritesTheArray()
    {
        var guest = new EmbeddedGuest<ArrayBus>(new ArrayBus(_ram));

        AccessResult written = guest.Mmu.Write(EmbeddedGuest<ArrayBus>.Supervisor + 0x10, Access.SupervisorWrite, 0xAABBCCDDu);
        AccessResult read = guest.Mmu.Read(EmbeddedGuest<ArrayBus>.Supervisor + 0x12, Access.SupervisorRead, out ushort value);

        Assert.False(written.IsFault || read.IsFault);
        Assert.Equal([0xDD, 0xCC, 0xBB, 0xAA], _ram[0x5010..0x5014]);
        Assert.Equal(0xAABB, value);
    }

    [Fact]
    public void ArrayBus_FirstWrite_SetsAccessedAndDirtyInTheArray()
    {
        var guest = new EmbeddedGuest<ArrayBus>(new ArrayBus(_ram));

        guest.Mmu.Write(EmbeddedGuest<ArrayBus>.Supervisor, Access.SupervisorWrite, (byte)1);

        Assert.Equal((0x27, 0x63), (_ram[0x2000], _ram[(int)EmbeddedGuest<ArrayBus>.EntryOf(EmbeddedGuest<ArrayBus>.Supervisor)]));
    }

    [Fact]
    public void ArrayBus_Fault_IsAValueAndWritesNothing()
    {
        var guest = new EmbeddedGuest<ArrayBus>(new ArrayBus(_ram));

        AccessResult result = guest.Mmu.Write(EmbeddedGuest<ArrayBus>.ReadOnly + 4, Access.UserWrite, 0xFFFF_FFFFu);

        Assert.Equal(new PageFault(P | W | U, 0x6004), result.Fault);
        Assert.Equal(new byte[4096], _ram[0x6000..0x7000]);
    }

    [Fact]
    public void ArrayBus_EntryChanged_IsSeenAfterInvlpg() => AssertSeenAfterInvlpg(new ArrayBus(_ram));

    // Hits go to host memory without the bus: what must not be lost on the way is D, the fault and the invalidation.
    [Fact]
    public void ArrayBus_PinnedAndFunctional_KeepsTheRules()
    {
        const uint Linear = EmbeddedGuest<ArrayBus>.Supervisor;
        byte[] ram = GC.AllocateArray<byte>(0x1_0000, pinned: true);
        var bus = new ArrayBus(ram, isPinned: true);
        var guest = new EmbeddedGuest<ArrayBus>(bus, tlbs: TlbConfiguration.Functional);
        ram[0x5000] = 5;
        ram[0x9000] = 9;

        Assert.Equal((5, 5), (ReadByte(guest), ReadByte(guest)));
        Assert.Equal(0x23, ram[(int)EmbeddedGuest<ArrayBus>.EntryOf(Linear)]);
        guest.Mmu.Write(Linear, Access.SupervisorWrite, (byte)6);
        Assert.Equal((0x63, 6), (ram[(int)EmbeddedGuest<ArrayBus>.EntryOf(Linear)], ram[0x5000]));
        Assert.Equal(new PageFault(P | U, Linear), guest.Mmu.Read(Linear, Access.UserRead, out byte _).Fault);
        ReadByte(guest);
        bus.Store(EmbeddedGuest<ArrayBus>.EntryOf(Linear), 0x9003UL);
        Assert.Equal(6, ReadByte(guest));
        guest.Mmu.Invlpg(Linear);
        Assert.Equal(9, ReadByte(guest));
    }

    [Theory]
    [InlineData(0x0000UL, true)]
    [InlineData(0x1FFFUL, true)]
    [InlineData(0x2000UL, false)]
    [InlineData(ulong.MaxValue, false)]
    public void ArrayBusHostPage_OnlyForWholePagesOfAPinnedArray(ulong address, bool exists)
    {
        byte[] ram = GC.AllocateArray<byte>(0x2FFF, pinned: true);

        Assert.Equal(exists, new ArrayBus(ram, isPinned: true).HostPage(address, forWrite: true) != 0);
        Assert.Equal(0, new ArrayBus(ram).HostPage(address, forWrite: true));
    }

    [Fact]
    public void ByteBus_MappedPage_ReadsAndWritesTheDevice()
    {
        var memory = new RecordingMemory(_ram);
        var guest = new EmbeddedGuest<ByteBus>(new ByteBus(memory));

        AccessResult written = guest.Mmu.Write(EmbeddedGuest<ByteBus>.Supervisor + 0xFFE, Access.SupervisorWrite, (ushort)0x1234);
        AccessResult read = guest.Mmu.Read(EmbeddedGuest<ByteBus>.Supervisor + 0xFFF, Access.SupervisorRead, out byte value);

        Assert.False(written.IsFault || read.IsFault);
        Assert.Equal([(0x5FFE, 0x34), (0x5FFF, 0x12)], memory.Writes[^2..]);
        Assert.Equal(0x12, value);
    }

    [Fact]
    public void ByteBus_Fault_IsAValueAndWritesNothing()
    {
        var memory = new RecordingMemory(_ram);
        var guest = new EmbeddedGuest<ByteBus>(new ByteBus(memory));
        memory.Writes.Clear();

        AccessResult result = guest.Mmu.Write(0xC000_0000, Access.SupervisorWrite, 1u);

        Assert.Equal(new PageFault(W, 0xC000_0000), result.Fault);
        Assert.Empty(memory.Writes);
    }

    [Fact]
    public void ByteBus_EntryChanged_IsSeenAfterInvlpg() => AssertSeenAfterInvlpg(new ByteBus(new RecordingMemory(_ram)));

    [Fact]
    public void ByteBus_Above4GiB_IsOpenBus()
    {
        var memory = new RecordingMemory(_ram);
        var guest = new EmbeddedGuest<ByteBus>(new ByteBus(memory));
        new ByteBus(memory).Store(EmbeddedGuest<ByteBus>.EntryOf(EmbeddedGuest<ByteBus>.Absent), 0x1_0000_0063UL);
        memory.Writes.Clear();

        guest.Mmu.Write(EmbeddedGuest<ByteBus>.Absent, Access.SupervisorWrite, 1u);
        guest.Mmu.Read(EmbeddedGuest<ByteBus>.Absent, Access.SupervisorRead, out uint value);

        Assert.Equal(0xFFFF_FFFFu, value);
        Assert.DoesNotContain(memory.Writes, write => write.Address < 0x2000);
    }

    [Fact]
    public void ByteRegisters_MappedPage_ReachTheDeviceBesideRam()
    {
        var device = new RecordingMemory(new byte[0x1_0000]);
        PhysicalMap map = new PhysicalMap(new GuestMemory(0x1_0000)).AddRam().AddMmio(0x5000, 0x1000, new ByteRegisters(device, 0x5000));
        var guest = new EmbeddedGuest<SystemBus>(new SystemBus(map));

        guest.Mmu.Write(EmbeddedGuest<SystemBus>.Supervisor + 2, Access.SupervisorWrite, (ushort)0x1234);
        guest.Mmu.Read(EmbeddedGuest<SystemBus>.Supervisor, Access.SupervisorRead, out uint value);

        Assert.Equal([(0x5002, 0x34), (0x5003, 0x12)], device.Writes);
        Assert.Equal(0x1234_0000u, value);
    }

    [Fact]
    public void CpuWithMmu_MappedPage_TranslatesAndLeavesNoTrace()
    {
        var guest = new EmbeddedGuest<ArrayBus>(new ArrayBus(_ram));
        byte[] before = [.. _ram];

        bool done = new CpuWithMmu<ArrayBus>(guest.Mmu, isUser: () => false)
            .TryTranslateAddress(EmbeddedGuest<ArrayBus>.Supervisor + 0x123, MpuAccess.Write, out ulong physical);

        Assert.Equal((true, 0x5123UL), (done, physical));
        Assert.Equal(before, _ram);
    }

    [Theory]
    [InlineData(EmbeddedGuest<ArrayBus>.Absent, MpuAccess.Read, false)]
    [InlineData(EmbeddedGuest<ArrayBus>.Supervisor, MpuAccess.Read, true)]
    [InlineData(EmbeddedGuest<ArrayBus>.Supervisor, MpuAccess.InstructionFetch, true)]
    [InlineData(EmbeddedGuest<ArrayBus>.ReadOnly, MpuAccess.Write, false)]
    [InlineData(0x1_0000_5000UL, MpuAccess.Read, false)]
    public void CpuWithMmu_WouldFault_GivesTheAddressBack(ulong address, MpuAccess access, bool isUser)
    {
        var guest = new EmbeddedGuest<ArrayBus>(new ArrayBus(_ram));

        bool done = new CpuWithMmu<ArrayBus>(guest.Mmu, () => isUser).TryTranslateAddress(address, access, out ulong physical);

        Assert.Equal((false, address), (done, physical));
    }

    [Theory]
    [InlineData(EmbeddedGuest<ArrayBus>.Supervisor)]
    [InlineData(EmbeddedGuest<ArrayBus>.Global)]
    public void CpuWithMmu_EntryChanged_IsSeenAfterAFlushOfThatPageOrOfAll(uint linear)
    {
        var bus = new ArrayBus(_ram);
        var guest = new EmbeddedGuest<ArrayBus>(bus);
        var cpu = new CpuWithMmu<ArrayBus>(guest.Mmu, isUser: () => false);
        guest.Mmu.Read(linear, Access.SupervisorRead, out byte _);

        bus.Store(EmbeddedGuest<ArrayBus>.EntryOf(linear), 0x9103UL);
        ulong stale = Translated();
        cpu.FlushTlbPage(linear);
        ulong afterPage = Translated();
        guest.Mmu.Read(linear, Access.SupervisorRead, out byte _);
        bus.Store(EmbeddedGuest<ArrayBus>.EntryOf(linear), 0xA103UL);
        cpu.FlushTlbPage(linear ^ 0x1_0000);
        ulong afterOtherPage = Translated();
        cpu.FlushTlb();

        Assert.Equal((linear, 0x9000UL, 0x9000UL, 0xA000UL), (stale, afterPage, afterOtherPage, Translated()));

        ulong Translated() => cpu.TryTranslateAddress(linear, MpuAccess.Read, out ulong physical) ? physical : ulong.MaxValue;
    }

    [Fact]
    public void ThrowingMmu_MappedPage_ReturnsTheAddress()
    {
        var guest = new EmbeddedGuest<ArrayBus>(new ArrayBus(_ram), maxPhyAddr: 32);
        var mmu = new ThrowingMmu<ArrayBus>(guest.Mmu, cpl: () => 0);

        Assert.Equal(0x5ABCu, mmu.TranslateLinearAddress(0x5ABC, isWrite: true));
        Assert.Equal(0x0Fu, mmu.TranslateLinearAddress(0x800F, isWrite: false) & 0xFFF);
    }

    [Theory]
    [InlineData(EmbeddedGuest<ArrayBus>.Absent, false, 0, PageFaultErrorCode.None)]
    [InlineData(EmbeddedGuest<ArrayBus>.Absent, true, 3, W | U)]
    [InlineData(EmbeddedGuest<ArrayBus>.ReadOnly, true, 0, P | W)]
    [InlineData(EmbeddedGuest<ArrayBus>.Supervisor, false, 3, P | U)]
    public void ThrowingMmu_Fault_SetsCr2AndThrows(uint linear, bool isWrite, int cpl, PageFaultErrorCode errorCode)
    {
        var guest = new EmbeddedGuest<ArrayBus>(new ArrayBus(_ram), maxPhyAddr: 32);
        var mmu = new ThrowingMmu<ArrayBus>(guest.Mmu, () => cpl);

        PageFaultException thrown = Assert.Throws<PageFaultException>(() => mmu.TranslateLinearAddress(linear + 7, isWrite));

        Assert.Equal((errorCode, linear + 7), (thrown.ErrorCode, guest.Mmu.Cr2));
    }

    [Fact]
    public void ThrowingMmu_EntryChanged_IsSeenAfterACr3Load()
    {
        var bus = new ArrayBus(_ram);
        var guest = new EmbeddedGuest<ArrayBus>(bus, maxPhyAddr: 32);
        var mmu = new ThrowingMmu<ArrayBus>(guest.Mmu, cpl: () => 0);
        mmu.TranslateLinearAddress(EmbeddedGuest<ArrayBus>.Supervisor, isWrite: false);

        bus.Store(EmbeddedGuest<ArrayBus>.EntryOf(EmbeddedGuest<ArrayBus>.Supervisor), 0UL);
        uint stale = mmu.TranslateLinearAddress(EmbeddedGuest<ArrayBus>.Supervisor, isWrite: false);
        guest.Mmu.WriteCr3(guest.Mmu.Cr3);

        Assert.Equal(0x5000u, stale);
        Assert.Throws<PageFaultException>(() => mmu.TranslateLinearAddress(EmbeddedGuest<ArrayBus>.Supervisor, isWrite: false));
    }

    [Fact]
    public void ThrowingMmu_AddressesBeyond32Bits_AreRefused()
    {
        var guest = new EmbeddedGuest<ArrayBus>(new ArrayBus(_ram), maxPhyAddr: 36);

        Assert.Throws<ArgumentException>("mmu", () => new ThrowingMmu<ArrayBus>(guest.Mmu, cpl: () => 0));
    }

    private static byte ReadByte(EmbeddedGuest<ArrayBus> guest)
    {
        Assert.False(guest.Mmu.Read(EmbeddedGuest<ArrayBus>.Supervisor, Access.SupervisorRead, out byte value).IsFault);
        return value;
    }

    private static void AssertSeenAfterInvlpg<TBus>(TBus bus)
        where TBus : struct, IBus
    {
        var guest = new EmbeddedGuest<TBus>(bus);
        bus.Store(0x5000, 5);
        bus.Store(0x9000, 9);
        guest.Mmu.Read(EmbeddedGuest<TBus>.Supervisor, Access.SupervisorRead, out int before);

        bus.Store(EmbeddedGuest<TBus>.EntryOf(EmbeddedGuest<TBus>.Supervisor), 0x9003UL);
        guest.Mmu.Read(EmbeddedGuest<TBus>.Supervisor, Access.SupervisorRead, out int stale);
        guest.Mmu.Invlpg(EmbeddedGuest<TBus>.Supervisor);
        guest.Mmu.Read(EmbeddedGuest<TBus>.Supervisor, Access.SupervisorRead, out int after);

        Assert.Equal((5, 5, 9), (before, stale, after));
    }
}
