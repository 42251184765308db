using X86Pae.Kmap.Traces;

namespace X86Pae.Kmap.Tests.Traces;

public sealed class FtraceLineTests
{
    private const string Event = "kmap_local_sched_in: (f+0x0/0x1)";

    [Theory]
    [InlineData("              cp-163     [003] .....    14.392300: ", 163)]
    [InlineData("    kworker/u9:0-78      [003] .....    14.392300: ", 78)]
    [InlineData("  Web Content-12-4711    [003] .....    14.392300: ", 4711)]
    [InlineData("          <idle>-0       [003] .....    14.392300: ", 0)]
    [InlineData("  -1 [0] ..... 2-77      [003] .....    14.392300: ", 77)]
    [InlineData("   -1 [000] .....-78      [003] .....    14.392300: ", 78)]
    [InlineData("  a[b]: [c] - [d]-4194304 [003] .....    14.392300: ", 4194304)]
    [InlineData("cp-163 [003] ..... 14.392300: ", 163)]
    public void TryRead_AnyTaskName_FindsPidCpuAndTime(string prefix, int pid)
    {
        TraceEvent e = Recording.ReadOne(Recording.Line(Event, prefix));

        Assert.Equal((pid, 3, 14_392_300L), (e.Pid, e.Cpu, e.Microseconds));
    }

    [Fact]
    public void TryRead_LinesAfterHeader_AreNumberedFromTheTopOfTheFile()
    {
        string text = Recording.Header + Recording.Line(Event) + "# more\n" + Recording.Line(Event);

        List<TraceEvent> events = Recording.ReadAll(Recording.Open(text));

        Assert.Equal([5L, 7L], events.Select(e => e.Line));
    }

    [Theory]
    [InlineData(".....", false, false, false, false, false, false)]
    [InlineData("d....", true, false, false, false, false, false)]
    [InlineData("b....", false, true, false, false, false, false)]
    [InlineData("D....", true, true, false, false, false, false)]
    [InlineData("X....", false, false, false, false, false, false)]
    [InlineData(".N...", false, false, true, false, false, false)]
    [InlineData(".n...", false, false, true, false, false, false)]
    [InlineData(".p...", false, false, true, false, false, false)]
    [InlineData("..h..", false, false, false, true, false, false)]
    [InlineData("..s..", false, false, false, false, true, false)]
    [InlineData("..H..", false, false, false, true, true, false)]
    [InlineData("..z..", false, false, false, false, false, true)]
    [InlineData("..Z..", false, false, false, true, false, true)]
    public void Context_EachFlag_MeansWhatFtracePrints(
        string columns, bool irqsOff, bool bottomHalvesOff, bool needResched, bool hardIrq, bool softIrq, bool nmi)
    {
        TraceContext context = Recording.ReadOne(Recording.Line(Event, $"cp-1 [000] {columns} 1.000000: ")).Context;

        Assert.Equal(
            (irqsOff, bottomHalvesOff, needResched, hardIrq, softIrq, nmi, 0, 0),
            (context.IrqsOff, context.BottomHalvesOff, context.NeedResched, context.HardIrq, context.SoftIrq, context.Nmi,
                context.PreemptDepth, context.MigrateDisable));
    }

    [Theory]
    [InlineData("...1.", 1, 0)]
    [InlineData("....2", 0, 2)]
    [InlineData("...9a", 9, 10)]
    [InlineData("...f.", 15, 0)]
    public void Context_Depths_AreHexadecimal(string columns, int preempt, int migrate)
    {
        TraceContext context = Recording.ReadOne(Recording.Line(Event, $"cp-1 [000] {columns} 1.000000: ")).Context;

        Assert.Equal((preempt, migrate), (context.PreemptDepth, context.MigrateDisable));
    }

    [Theory]
    [InlineData("garbage", "no TASK-PID [CPU]")]
    [InlineData("", "no TASK-PID [CPU]")]
    [InlineData("cp [000] ..... 1.000000: vmap: x", "no TASK-PID [CPU]")]
    [InlineData("cp--1x [000] ..... 1.000000: vmap: x", "no TASK-PID [CPU]")]
    [InlineData("cp-1 [-1] ..... 1.000000: vmap: x", "no TASK-PID [CPU]")]
    [InlineData("cp-99999999999 [000] ..... 1.000000: vmap: x", "no TASK-PID [CPU]")]
    [InlineData("cp-1 [000] .... 1.000000: vmap: x", "five columns")]
    [InlineData("cp-1 [000] q.... 1.000000: vmap: x", "five columns")]
    [InlineData("cp-1 [000] .1... 1.000000: vmap: x", "five columns")]
    [InlineData("cp-1 [000] ..d.. 1.000000: vmap: x", "five columns")]
    [InlineData("cp-1 [000] ...g. 1.000000: vmap: x", "five columns")]
    [InlineData("cp-1 [000] ....F 1.000000: vmap: x", "five columns")]
    [InlineData("cp-1 [000] .....", "five columns")]
    [InlineData("cp-1 [000] ..... 1000: vmap: x", "time stamp")]
    [InlineData("cp-1 [000] ..... 1.00000: vmap: x", "time stamp")]
    [InlineData("cp-1 [000] ..... 1.-00001: vmap: x", "time stamp")]
    [InlineData("cp-1 [000] ..... 99999999999999999.000000: vmap: x", "time stamp")]
    [InlineData("cp-1 [000] ..... 1.000000: vmap", "name of an event")]
    [InlineData("cp-1 [000] ..... 1.000000: do_fork <-clone: x", "name of an event")]
    [InlineData("cp-1 [000] ..... 1.000000: : x", "name of an event")]
    public void TryRead_LineThatDoesNotParse_ReportsWhyAndWhere(string line, string reason)
    {
        TraceFormatException e = Recording.Fail(Recording.Header + line + "\n");

        Assert.Equal((Recording.Name, 5L), (e.FileName, e.Line));
        Assert.StartsWith($"{Recording.Name}:5: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.EndsWith($"'{line}'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_LongLineOfControlCharacters_QuotesEightyWithoutThem()
    {
        TraceFormatException e = Recording.Fail("\u001b" + new string('y', 200));

        Assert.EndsWith($": '?{new string('y', 79)}'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kmap_local_map: (f+0x0/0x1)", "field pfn is missing")]
    [InlineData("kmap_local_map: (f+0x0/0x1) xpfn=0x1", "field pfn is missing")]
    [InlineData("kmap_local_map: (f+0x0/0x1) pfn=", "field pfn is not a 32-bit number")]
    [InlineData("kmap_local_map: (f+0x0/0x1) pfn=0x", "field pfn is not a 32-bit number")]
    [InlineData("kmap_local_map: (f+0x0/0x1) pfn=0x1g", "field pfn is not a 32-bit number")]
    [InlineData("kmap_local_map: (f+0x0/0x1) pfn=1f", "field pfn is not a 32-bit number")]
    [InlineData("kmap_local_map: (f+0x0/0x1) pfn=-1", "field pfn is not a 32-bit number")]
    [InlineData("kmap_local_mapped: (f+0x0/0x1) va=0x1ffffffff", "field va is not a 32-bit number")]
    [InlineData("kunmap: (f+0x0/0x1) va=0x1", "field page is missing")]
    [InlineData("vmap: (f+0x0/0x1) pages=0x1", "field count is missing")]
    [InlineData("vm_unmap_ram: (f+0x0/0x1) count=1", "field va is missing")]
    [InlineData("flush_tlb_kernel_range: (f+0x0/0x1) start=0x1", "field end is missing")]
    [InlineData("sched_switch: prev_comm=a prev_pid=1 ==> next_comm=b", "field next_pid is missing")]
    [InlineData("sched_switch: prev_comm=a prev_pid=2147483648 ==> next_pid=1", "field prev_pid is not the number of a thread")]
    public void TryRead_FieldMissingOrUnparsable_NamesIt(string text, string reason)
    {
        TraceFormatException e = Recording.Fail(Recording.Header + Recording.Line(text));

        Assert.Equal(5, e.Line);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CPU:2 [LOST 17 EVENTS]")]
    [InlineData("CPU:2 [LOST EVENTS]")]
    public void TryRead_LostEvents_SaysThatTheRecordingCannotBeReplayed(string line)
    {
        TraceFormatException e = Recording.Fail(Recording.Header + Recording.Line(Event) + line + "\n");

        Assert.Equal(6, e.Line);
        Assert.Contains("lost events cannot be replayed", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Recording.Header, 3, 4)]
    [InlineData("", 31, 32)]
    public void TryRead_CpuOutsideTheMachine_Throws(string header, int last, int first)
    {
        string inside = header + Recording.Line(Event, $"cp-1 [{last:D3}] ..... 1.000000: ");
        string outside = header + Recording.Line(Event, $"cp-1 [{first:D3}] ..... 1.000000: ");

        Assert.Equal(last, Assert.Single(Recording.ReadAll(Recording.Open(inside))).Cpu);
        TraceFormatException e = Recording.Fail(outside);
        Assert.Equal(header.Count(c => c == '\n') + 1, e.Line);
        Assert.Contains($"there is no CPU {first}", e.Message, StringComparison.Ordinal);
    }
}
