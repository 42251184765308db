using System.Globalization;
using System.Text;
using X86Pae.Kmap.Traces;

namespace X86Pae.Testing;

/// <summary>Writes small recordings of the kernel with NR_CPUS 32, one microsecond from line to line.</summary>
internal sealed class TraceText
{
    public const string Name = "test.ftrace";

    public const string Header = "# tracer: nop\n#\n# entries-in-buffer/entries-written: 2/2   #P:4\n#\n";

    private const uint PoolBase = 0xFF00_0000;

    private readonly StringBuilder _text = new(Header);
    private int _microseconds = 1000;

    /// <summary>Line number of the last event.</summary>
    public int Line { get; private set; } = 4;

    /// <summary>Address of a kmap_local slot.</summary>
    public static uint Local(int cpu, int depth) => 0xFFFB_B000 - ((uint)((16 * cpu) + depth) << 12);

    /// <summary>Address of a slot of the pool.</summary>
    public static uint Pool(int slot) => PoolBase + ((uint)slot << 12);

    public TraceText Add(int pid, int cpu, string text, string context = ".....")
    {
        Line++;
        _microseconds++;
        _text.Append(
            CultureInfo.InvariantCulture, $"     task-{pid}   [{cpu:D3}] {context}   10.{_microseconds:D6}: {text}\n");
        return this;
    }

    public TraceText LocalMap(int pid, int cpu, int page, string context = ".....") =>
        Add(pid, cpu, $"kmap_local_map: (f+0x0/0x1) pfn=0x{0x100000 + page:x}", context);

    public TraceText LocalMapped(int pid, int cpu, uint address, string context = "....1") =>
        Add(pid, cpu, $"kmap_local_mapped: (f+0x0/0x1 <- g) va=0x{address:x}", context);

    public TraceText LocalUnmap(int pid, int cpu, uint address, string context = "....1") =>
        Add(pid, cpu, $"kmap_local_unmap: (f+0x0/0x1) va=0x{address:x}", context);

    public TraceText Map(int pid, int cpu, int page) =>
        Add(pid, cpu, $"kmap: (kmap_high+0x0/0x1) page=0x{StructPage(page):x}");

    public TraceText Mapped(int pid, int cpu, uint address) =>
        Add(pid, cpu, $"kmapped: (f+0x0/0x1 <- kmap_high) va=0x{address:x}");

    public TraceText Unmap(int pid, int cpu, int page) =>
        Add(pid, cpu, $"kunmap: (kunmap_high+0x0/0x1) page=0x{StructPage(page):x}");

    public TraceText FlushRange(int pid, int cpu, uint start = PoolBase, uint end = PoolBase + (2 << 20)) =>
        Add(pid, cpu, $"flush_tlb_kernel_range: (f+0x0/0x1) start=0x{start:x} end=0x{end:x}", "...1.");

    public TraceText FlushAll(int pid, int cpu, string context = "d.h..") =>
        Add(pid, cpu, "do_flush_tlb_all: (f+0x0/0x1)", context);

    public TraceText Switch(int cpu, int previous, int next, string context = "d..2.") => Add(
        previous,
        cpu,
        $"sched_switch: prev_comm=a prev_pid={previous} prev_prio=120 prev_state=R ==> next_comm=b next_pid={next} next_prio=120",
        context);

    /// <summary>Maps and unmaps so many pages of the pool on CPU 0, one after another; the first takes a slot given.</summary>
    public TraceText Turn(int pid, int firstPage, int pages, int firstSlot)
    {
        for (int i = 0; i < pages; i++)
        {
            Map(pid, 0, firstPage + i).Mapped(pid, 0, Pool(firstSlot + i)).Unmap(pid, 0, firstPage + i);
        }

        return this;
    }

    /// <summary>A whole-pool flush by the task on a CPU, carried out by the CPUs given.</summary>
    public TraceText FlushPool(int pid, int cpu, params int[] processors)
    {
        FlushRange(pid, cpu);
        foreach (int processor in processors)
        {
            FlushAll(processor == cpu ? pid : 0, processor);
        }

        return this;
    }

    public override string ToString() => _text.ToString();

    public MappingTrace Open() => MappingTrace.Open(new MemoryStream(Encoding.ASCII.GetBytes(ToString())), Name);

    public List<MappingOperation> Operations()
    {
        using MappingTrace trace = Open();
        var operations = new List<MappingOperation>();
        while (trace.TryRead(out MappingOperation operation))
        {
            operations.Add(operation);
        }

        return operations;
    }

    private static int StructPage(int page) => 0x3000_0000 + (page * 40);
}
