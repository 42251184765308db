using X86Pae.HostThreads;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.HostThreads;

/// <summary>The example of docs/threads.md, as it stands there but for what is read.</summary>
public sealed class ThreadsExampleTests
{
    private const ulong PteAddress = 0x3028;
    private const ulong OldFrame = 0x5000;
    private const ulong NewFrame = 0x6000;
    private const ulong Stamp = 0x1234_5678_9ABC_DEF0;

    [Fact]
    public void Remap_WhileAnotherCpuReads_FreesTheOldFrame()
    {
        var memory = new GuestMemory(sizeInBytes: 1UL << 30);
        Mmu<RamBus, NoTiming>[] mmus = [BootCpu(memory), BootCpu(memory)];
        InvalidationMailbox[] mailboxes = [InvalidationMailbox.For(mmus[0]), InvalidationMailbox.For(mmus[1])];
        long wrong = 0;

        var reader = new Thread(() =>
        {
            mmus[0].TakeOver();
            for (int i = 0; i < 100_000; i++)
            {
                mailboxes[0].DrainIfPending();
                AccessResult result = mmus[0].Read(linear: 0x5000, Access.UserRead, out ulong value);
                wrong += result.IsFault || value != Stamp ? 1 : 0;
            }

            mailboxes[0].Park();
        });
        reader.Start();

        var bus = new RamBus(memory);
        ulong old;
        do
        {
            old = bus.LoadEntry64(PteAddress);
        }
        while (bus.UpdateEntry64(PteAddress, old, NewFrame | (old & 0x7)) != EntryUpdate.Done);

        InvalidationMailbox.Shootdown(mailboxes, InvalidationRequest.Page(0x5000), own: mailboxes[1]);
        bus.Store(OldFrame, 0UL);
        reader.Join();

        Assert.Equal(0, wrong);
        Assert.Equal(NewFrame | 0x27, bus.LoadEntry64(PteAddress) | 0x20);
    }

    /// <summary>A CPU in PAE paging with 5000h mapped to the old frame; the tables are the same for each.</summary>
    private static Mmu<RamBus, NoTiming> BootCpu(GuestMemory memory)
    {
        var bus = new RamBus(memory);
        bus.Store(0x1000, 0x2001UL);
        bus.Store(0x2000, 0x3007UL);
        bus.Store(PteAddress, OldFrame | 7);
        bus.Store(OldFrame, Stamp);
        bus.Store(NewFrame, Stamp);

        Mmu<RamBus, NoTiming> mmu = MmuFactory.CreateFunctional(memory, CpuFeatures.Pae36);
        Assert.True(mmu.WriteCr3(0x1000));
        Assert.True(mmu.WriteCr4((uint)Cr4.PhysicalAddressExtension));
        Assert.True(mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging)));
        return mmu;
    }
}
