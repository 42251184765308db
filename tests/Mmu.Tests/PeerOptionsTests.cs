using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Tests;

/// <summary>What QEMU and Bochs do otherwise, as presets of the options; each beside what the default does.</summary>
public sealed class PeerOptionsTests
{
    private const uint Page = 0x0040_0000;
    private const ulong Flags = EntryBits.Present | EntryBits.Writable | EntryBits.Accessed | EntryBits.Dirty;
    private const ulong ReservedBit = 1UL << 51;

    private readonly RamBus _bus = new(new GuestMemory(16 << 20));

    [Fact]
    public void Qemu_PdptEditedInMemory_IsSeenWithoutReload()
    {
        Assert.Equal((false, true), OfBoth(PagingOptions.Qemu, mmu =>
        {
            _bus.Store(0x1000, 0UL);
            return mmu.Translate(Page, Access.SupervisorRead).IsFault;
        }));
    }

    [Fact]
    public void Qemu_LowReservedBitsOfAPdpte_AreNotChecked()
    {
        Assert.Equal((false, true), OfBoth(PagingOptions.Qemu, mmu =>
        {
            _bus.Store(0x1000, 0x2000 | EntryBits.Present | 0x1E6);
            return mmu.WriteCr3(0x1000) && !mmu.Translate(Page, Access.SupervisorRead).IsFault;
        }));
    }

    [Fact]
    public void Qemu_Walk_SetsBit5OfThePdpteInMemory()
    {
        Assert.Equal((0x2001UL, 0x2021UL), OfBoth(PagingOptions.Qemu, mmu =>
        {
            mmu.Translate(Page, Access.SupervisorRead);
            return _bus.LoadEntry64(0x1000);
        }));
    }

    [Theory]
    [InlineData(0x2000UL)] // not present
    [InlineData(0x2001UL | (1UL << 62))] // reserved
    public void Qemu_WalkThatEndsAtThePdpte_LeavesItAsItIs(ulong pdpte)
    {
        Assert.Equal((pdpte, pdpte), OfBoth(PagingOptions.Qemu, mmu =>
        {
            _bus.Store(0x1000, pdpte);
            mmu.Translate(Page, Access.SupervisorRead);
            return _bus.LoadEntry64(0x1000);
        }));
    }

    [Fact]
    public void Qemu_ReservedBit_IsReportedWithoutPresent()
    {
        const PageFaultErrorCode Reserved = PageFaultErrorCode.Reserved;
        Assert.Equal((Reserved | PageFaultErrorCode.Present, Reserved), OfBoth(PagingOptions.Qemu, mmu =>
        {
            _bus.Store(0x3000, 0x5000 | Flags | ReservedBit);
            return mmu.Translate(Page, Access.SupervisorRead).Fault.ErrorCode;
        }));
    }

    [Fact]
    public void Qemu_UnlockedReadModifyWriteOfAnAbsentPage_FaultsAsARead()
    {
        Assert.Equal((PageFaultErrorCode.Write, PageFaultErrorCode.None), OfBoth(PagingOptions.Qemu, mmu =>
        {
            var increment = default(Increment);
            var access = new Access(AccessKind.ReadModifyWrite, AccessMode.Supervisor);
            return mmu.Update(Page + 0x1000, access, ref increment, out uint _).Fault.ErrorCode;
        }));
    }

    // One load and one store of the data, whichever translation comes first.
    [Fact]
    public void Qemu_UnlockedReadModifyWrite_IsChargedForNoThirdAccess()
    {
        Assert.Equal(2L * CpuModels.CoreDuo.L1.LoadToUse.Value, CyclesWith(PagingOptions.Default));
        Assert.Equal(CyclesWith(PagingOptions.Default), CyclesWith(PagingOptions.Qemu));

        long CyclesWith(PagingOptions options)
        {
            var clock = new ProcessorClock(CpuModels.CoreDuo);
            Mmu<RamBus, CycleTiming> mmu = Boot(new CycleTiming(clock), options, CpuFeatures.Full40);
            var increment = default(Increment);
            var access = new Access(AccessKind.ReadModifyWrite, AccessMode.Supervisor);
            mmu.Update(Page, access, ref increment, out uint _); // fills the TLB and the data caches
            long start = clock.Now;
            Assert.False(mmu.Update(Page, access, ref increment, out uint value).IsFault);
            Assert.Equal(1u, value & 1);
            return clock.Now - start;
        }
    }

    [Fact]
    public void Qemu_MovCr3_DropsGlobalPages()
    {
        Assert.Equal((0x5000UL, 0x6000UL), OfBoth(PagingOptions.Qemu, mmu =>
        {
            _bus.Store(0x3000, 0x5000 | Flags | EntryBits.Global);
            mmu.Translate(Page, Access.SupervisorRead);
            _bus.Store(0x3000, 0x6000 | Flags);
            mmu.WriteCr3(0x1000);
            return mmu.Translate(Page, Access.SupervisorRead).PhysicalAddress;
        }));
    }

    [Fact]
    public void Qemu_FaultOnAStaleTranslation_LeavesItUsable()
    {
        Assert.Equal((true, false), OfBoth(PagingOptions.Qemu, mmu =>
        {
            _bus.Store(0x3000, 0x5000 | Flags & ~EntryBits.Dirty);
            mmu.Translate(Page, Access.SupervisorRead);
            _bus.Store(0x3000, 0UL);
            Assert.True(mmu.Translate(Page, Access.SupervisorWrite).IsFault);
            return mmu.Translate(Page, Access.SupervisorRead).IsFault;
        }));
    }

    [Theory]
    [InlineData("qemu")]
    [InlineData("bochs")]
    public void Peers_ImplicitAccessWithAc_PassesSmap(string peer)
    {
        Assert.Equal((true, false), OfBoth(Peer(peer), mmu =>
        {
            mmu.WriteCr4((uint)(mmu.Cr4 | Cr4.SupervisorAccessPrevention));
            _bus.Store(0x2000 + (8 * (Page >> 21)), 0x3000 | Flags | EntryBits.User);
            _bus.Store(0x3000, 0x5000 | Flags | EntryBits.User);
            var access = new Access(AccessKind.Read, AccessMode.SupervisorImplicit, alignmentCheck: true);
            return mmu.Translate(Page, access).IsFault;
        }));
    }

    [Theory]
    [InlineData("qemu")]
    [InlineData("bochs")]
    public void Peers_PatBitOnAProcessorWithoutPat_IsNotReserved(string peer)
    {
        CpuFeatures features = CpuFeatures.Full40 with { Pat = false };
        Assert.Equal((true, false), OfBoth(Peer(peer), features: features, observe: mmu =>
        {
            _bus.Store(0x3000, 0x5000 | Flags | EntryBits.PtePat);
            return mmu.Translate(Page, Access.SupervisorRead).IsFault;
        }));
    }

    [Fact]
    public void Qemu_IllegalCr0_IsAccepted() =>
        Assert.Equal((false, true), OfBoth(PagingOptions.Qemu, mmu => mmu.WriteCr0((uint)(Cr0.Paging | Cr0.NotWriteThrough))));

    [Fact]
    public void Qemu_TaskSwitchToTheSameCr3_Flushes()
    {
        Assert.Equal((0x5000UL, 0x6000UL), OfBoth(PagingOptions.Qemu, mmu =>
        {
            mmu.Translate(Page, Access.SupervisorRead);
            _bus.Store(0x3000, 0x6000 | Flags);
            mmu.SwitchTask(0x1000);
            return mmu.Translate(Page, Access.SupervisorRead).PhysicalAddress;
        }));
    }

    [Fact]
    public void Bochs_FaultBelowTheDirectory_LeavesAClearInThePde()
    {
        Assert.Equal((EntryBits.Accessed, 0UL), OfBoth(PagingOptions.Bochs, mmu =>
        {
            ulong pde = 0x2000 + (8 * (Page >> 21));
            _bus.Store(pde, 0x3000 | EntryBits.Present);
            mmu.Translate(Page + 0x1000, Access.SupervisorRead);
            return _bus.LoadEntry64(pde) & EntryBits.Accessed;
        }));
    }

    [Fact]
    public void Bochs_AnyMovCr0_ReloadsThePdptes()
    {
        Assert.Equal((true, false), OfBoth(PagingOptions.Bochs, mmu =>
        {
            _bus.Store(0x1000, 0x2000 | EntryBits.Present | 2UL);
            return mmu.WriteCr0((uint)(mmu.Cr0 | Cr0.TaskSwitched));
        }));
    }

    [Fact]
    public void Bochs_SmapToggled_ReloadsThePdptes()
    {
        Assert.Equal((true, false), OfBoth(PagingOptions.Bochs, mmu =>
        {
            _bus.Store(0x1000, 0x2000 | EntryBits.Present | 2UL);
            return mmu.WriteCr4((uint)(mmu.Cr4 | Cr4.SupervisorAccessPrevention));
        }));
    }

    [Fact]
    public void Bochs_PdpteBitBelow40WithFewerAddressBits_PassesTheLoad()
    {
        CpuFeatures features = CpuFeatures.Full40 with { MaxPhyAddr = 36 };
        Assert.Equal((false, true), OfBoth(PagingOptions.Bochs, features: features, observe: mmu =>
        {
            _bus.Store(0x1000, 0x2000 | EntryBits.Present | (1UL << 38));
            return mmu.WriteCr3(0x1000);
        }));
    }

    [Fact]
    public void Bochs_TaskSwitchToABadPdpte_IsAnInvalidTssWithCr3Loaded()
    {
        (TaskSwitchLoad, uint) expected = (TaskSwitchLoad.InvalidTss, 0x4000);
        Assert.Equal(((TaskSwitchLoad.GeneralProtection, 0x1000u), expected), OfBoth(PagingOptions.Bochs, mmu =>
        {
            _bus.Store(0x4000, EntryBits.Present | 2UL);
            return (mmu.SwitchTask(0x4000), mmu.Cr3);
        }));
    }

    // Bit 21 of a 4-MiB PDE is reserved everywhere; below it peers go by 40 bits whatever MAXPHYADDR is.
    [Theory]
    [InlineData("qemu")]
    [InlineData("bochs")]
    public void Peers_FourMebibytePageAboveMaxPhyAddr_IsNotReserved(string peer)
    {
        var features = new CpuFeatures { MaxPhyAddr = 36 };
        bool FaultsWith(PagingOptions options)
        {
            var mmu = new Mmu<RamBus, NoTiming>(_bus, default, features, options: options);
            _bus.Store(0x1000, (uint)(Flags | EntryBits.LargePage) | (1u << 18));
            Assert.True(mmu.WriteCr3(0x1000) && mmu.WriteCr4((uint)Cr4.PageSizeExtensions));
            Assert.True(mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging)));
            return mmu.Translate(0, Access.SupervisorRead).IsFault;
        }

        Assert.Equal((true, false), (FaultsWith(PagingOptions.Default), FaultsWith(Peer(peer))));
    }

    private static PagingOptions Peer(string name) => name == "qemu" ? PagingOptions.Qemu : PagingOptions.Bochs;

    /// <summary>What happens with the defaults, and with a peer's options.</summary>
    private (T Default, T Peer) OfBoth<T>(
        PagingOptions peer, Func<Mmu<RamBus, NoTiming>, T> observe, CpuFeatures? features = null) =>
        (observe(Boot(PagingOptions.Default, features)), observe(Boot(peer, features)));

    private Mmu<RamBus, NoTiming> Boot(PagingOptions options, CpuFeatures? features) =>
        Boot(default(NoTiming), options, features ?? CpuFeatures.Full40);

    private Mmu<RamBus, TTiming> Boot<TTiming>(TTiming timing, PagingOptions options, CpuFeatures features)
        where TTiming : struct, ITiming
    {
        _bus.Store(0x1000, 0x2000 | EntryBits.Present);
        _bus.Store(0x2000 + (8 * (Page >> 21)), 0x3000 | Flags);
        _bus.Store(0x3000, 0x5000 | Flags);
        _bus.Store(0x3008, 0UL);
        var mmu = new Mmu<RamBus, TTiming>(_bus, timing, features, TlbConfiguration.MaximallyStale, options);
        Assert.True(mmu.WriteCr3(0x1000));
        Assert.True(mmu.WriteCr4((uint)(Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable)));
        Assert.True(mmu.WriteCr0((uint)(Cr0.ProtectionEnable | Cr0.Paging)));
        return mmu;
    }

    private readonly struct Increment : IMemoryUpdate<uint>
    {
        public uint Apply(uint value) => value + 1;
    }
}
