using X86Pae.Kmap.Traces;

namespace X86Pae.Kmap.Tests.Traces;

public sealed class TraceEventTests
{
    [Fact]
    public void TryRead_KmapLocalMap_GivesPfn()
    {
        TraceEvent e = Recording.ReadOne(Recording.Line("kmap_local_map: (__kmap_local_pfn_prot+0x0/0x180) pfn=0x1bec64"));

        Assert.Equal((TraceEventKind.KmapLocalMap, 0x1bec64ul), (e.Kind, e.Pfn));
    }

    [Theory]
    [InlineData("kmap_local_mapped", TraceEventKind.KmapLocalMapped)]
    [InlineData("kmap_local_unmap", TraceEventKind.KmapLocalUnmap)]
    [InlineData("kmapped", TraceEventKind.Kmapped)]
    [InlineData("vm_mapped_ram", TraceEventKind.VmMappedRam)]
    [InlineData("vmapped", TraceEventKind.Vmapped)]
    [InlineData("vunmap", TraceEventKind.Vunmap)]
    [InlineData("flush_tlb_one_kernel", TraceEventKind.FlushTlbOneKernel)]
    public void TryRead_EventWithAddress_GivesAddress(string name, TraceEventKind kind)
    {
        TraceEvent e = Recording.ReadOne(Recording.Line($"{name}: (erofs_bread+0x19f/0x1b0 [erofs] <- kmap_high) va=0xfffba1d0"));

        Assert.Equal((kind, 0xfffba1d0u), (e.Kind, e.Address));
    }

    [Theory]
    [InlineData("kmap", TraceEventKind.Kmap)]
    [InlineData("kunmap", TraceEventKind.Kunmap)]
    public void TryRead_EventOfThePool_GivesStructPage(string name, TraceEventKind kind)
    {
        TraceEvent e = Recording.ReadOne(Recording.Line($"{name}: (kmap_high+0x0/0x260) page=0xf6cf6d00"));

        Assert.Equal((kind, 0xf6cf6d00u), (e.Kind, e.StructPage));
    }

    [Theory]
    [InlineData("vm_map_ram", TraceEventKind.VmMapRam)]
    [InlineData("vmap", TraceEventKind.Vmap)]
    public void TryRead_MappingOfSeveralPages_GivesPagesAndCount(string name, TraceEventKind kind)
    {
        TraceEvent e = Recording.ReadOne(Recording.Line($"{name}: (vmap+0x0/0xd0) pages=0xc28eb318 count=12"));

        Assert.Equal((kind, 0xc28eb318u, 12u), (e.Kind, e.Pages, e.Count));
    }

    [Fact]
    public void TryRead_VmUnmapRam_GivesAddressAndCount()
    {
        TraceEvent e = Recording.ReadOne(Recording.Line("vm_unmap_ram: (vm_unmap_ram+0x0/0x1c0) va=0xf7c80000 count=2"));

        Assert.Equal((TraceEventKind.VmUnmapRam, 0xf7c80000u, 2u), (e.Kind, e.Address, e.Count));
    }

    [Fact]
    public void TryRead_FlushTlbKernelRange_GivesStartAndEnd()
    {
        TraceEvent e = Recording.ReadOne(Recording.Line("flush_tlb_kernel_range: (f+0x0/0xb0) start=0xff000000 end=0xff200000"));

        Assert.Equal((TraceEventKind.FlushTlbKernelRange, 0xff000000u, 0xff200000u), (e.Kind, e.RangeStart, e.RangeEnd));
    }

    [Theory]
    [InlineData("kmap_local_sched_out: (__kmap_local_sched_out+0x0/0x90)", TraceEventKind.KmapLocalSchedOut)]
    [InlineData("kmap_local_sched_in: (__kmap_local_sched_in+0x0/0x90)", TraceEventKind.KmapLocalSchedIn)]
    [InlineData("do_flush_tlb_all: (do_flush_tlb_all+0x0/0x30)", TraceEventKind.DoFlushTlbAll)]
    [InlineData("flush_tlb_func: (flush_tlb_func+0x0/0x240)", TraceEventKind.FlushTlbFunc)]
    [InlineData("flush_tlb_func_remote: (f+0x0/0x240)", TraceEventKind.Other)]
    [InlineData("tracing_mark_write: begin", TraceEventKind.Other)]
    public void TryRead_EventWithoutPayload_GivesKind(string text, TraceEventKind kind)
    {
        Assert.Equal(kind, Recording.ReadOne(Recording.Line(text)).Kind);
    }

    // The name of a task can hold up to 15 bytes of anything.
    [Theory]
    [InlineData("prev_comm=swapper/1 prev_pid=3 prev_prio=120 prev_state=R+ ==> next_comm=rcu_preempt next_pid=15 next_prio=120")]
    [InlineData("prev_comm=a prev_pid=9 prev_pid=3 prev_state=R ==> next_comm=b prev_pid=7 next_pid=15 next_prio=1")]
    [InlineData("prev_comm=a ==> b prev_pid=3 prev_prio=120 prev_state=R ==> next_comm=Web Content next_pid=15 next_prio=120")]
    [InlineData("next_pid=15 prev_pid=3")]
    public void TryRead_SchedSwitch_GivesBothThreads(string arguments)
    {
        TraceEvent e = Recording.ReadOne(Recording.Line("sched_switch: " + arguments));

        Assert.Equal((TraceEventKind.SchedSwitch, 3, 15), (e.Kind, e.PrevPid, e.NextPid));
    }

    [Fact]
    public void TryRead_FieldsInAnotherOrderAmongUnknownOnes_FindsThemByName()
    {
        TraceEvent e = Recording.ReadOne(Recording.Line("vmap: (f+0x0/0x1) xcount=9 count=0x10 flags=1 pages=10"));

        Assert.Equal((10u, 16u), (e.Pages, e.Count));
    }

    [Fact]
    public void Payload_OfAnotherKind_Throws()
    {
        TraceEvent other = Recording.ReadOne(Recording.Line("tracing_mark_write: va=0x1"));

        Assert.Throws<InvalidOperationException>(() => other.Pfn);
        Assert.Throws<InvalidOperationException>(() => other.Address);
        Assert.Throws<InvalidOperationException>(() => other.StructPage);
        Assert.Throws<InvalidOperationException>(() => other.Pages);
        Assert.Throws<InvalidOperationException>(() => other.Count);
        Assert.Throws<InvalidOperationException>(() => other.RangeStart);
        Assert.Throws<InvalidOperationException>(() => other.RangeEnd);
        Assert.Throws<InvalidOperationException>(() => other.PrevPid);
        Assert.Throws<InvalidOperationException>(() => other.NextPid);
    }

    [Fact]
    public void ToString_OfAnyKind_DoesNotThrow()
    {
        Assert.Contains("Other", Recording.ReadOne(Recording.Line("tracing_mark_write: x")).ToString(), StringComparison.Ordinal);
    }
}
