// The five columns between CPU and time stamp. Linux 6.1, kernel/trace/trace_output.c, trace_print_lat_fmt.
//
//   column  1  irqs-off/BH-disabled  d interrupts off, b bottom halves off, D both, X not supported, . neither
//           2  need-resched          N, n, p (later kernels also B, b, L, l), . not wanted
//           3  hardirq/softirq       Z NMI in a hardirq, z NMI, H hardirq in a softirq, h hardirq, s softirq, . task
//           4  preempt-depth         1 to f, saturating; . is 0
//           5  migrate-disable       1 to f, saturating; . is 0

namespace X86Pae.Kmap.Traces;

/// <summary>The state of the CPU when an event was recorded, as ftrace's five latency columns give it.</summary>
/// <remarks>
/// It is the state at the probe. Between the entry and the return of one call it may differ, because the call itself may
/// disable migration or preemption: <c>.....</c> on <c>kmap_local_map</c> is followed by <c>....1</c> on
/// <c>kmap_local_mapped</c>.
/// </remarks>
internal readonly record struct TraceContext
{
    private const int ColumnCount = 5;

    /// <summary>Interrupts are disabled (<c>d</c> or <c>D</c>).</summary>
    public bool IrqsOff { get; private init; }

    /// <summary>Bottom halves are disabled (<c>b</c> or <c>D</c>). Interrupts may be on.</summary>
    public bool BottomHalvesOff { get; private init; }

    /// <summary>A reschedule is pending, in whatever form (any letter in the column).</summary>
    public bool NeedResched { get; private init; }

    /// <summary>
    /// The event is in a hardware interrupt, or in an NMI that interrupted one (<c>h</c>, <c>H</c> or <c>Z</c>).
    /// </summary>
    public bool HardIrq { get; private init; }

    /// <summary>
    /// The event is in a soft interrupt, or in a hardware interrupt of one (<c>s</c> or <c>H</c>). Under an NMI ftrace does not
    /// tell, and it is <see langword="false"/>.
    /// </summary>
    public bool SoftIrq { get; private init; }

    /// <summary>The event is in a non-maskable interrupt (<c>z</c> or <c>Z</c>).</summary>
    public bool Nmi { get; private init; }

    /// <summary>Depth of <c>preempt_disable</c>, 0 to 15; 15 also stands for more.</summary>
    public byte PreemptDepth { get; private init; }

    /// <summary>Depth of <c>migrate_disable</c>, 0 to 15; 15 also stands for more.</summary>
    public byte MigrateDisable { get; private init; }

    /// <summary>Reads the five columns.</summary>
    /// <param name="columns">Exactly the five characters.</param>
    /// <param name="context">The state, or the default when the result is <see langword="false"/>.</param>
    /// <returns>
    /// <see langword="false"/> when there are not five columns, or one holds a character that ftrace does not print there.
    /// </returns>
    internal static bool TryParse(ReadOnlySpan<byte> columns, out TraceContext context)
    {
        context = default;
        if (columns.Length != ColumnCount
            || !"dDbX."u8.Contains(columns[0])
            || !(columns[1] == '.' || char.IsAsciiLetter((char)columns[1]))
            || !"ZzHhs."u8.Contains(columns[2])
            || !TryParseDepth(columns[3], out byte preempt)
            || !TryParseDepth(columns[4], out byte migrate))
        {
            return false;
        }

        context = new TraceContext
        {
            IrqsOff = columns[0] is (byte)'d' or (byte)'D',
            BottomHalvesOff = columns[0] is (byte)'b' or (byte)'D',
            NeedResched = columns[1] != '.',
            HardIrq = columns[2] is (byte)'h' or (byte)'H' or (byte)'Z',
            SoftIrq = columns[2] is (byte)'s' or (byte)'H',
            Nmi = columns[2] is (byte)'z' or (byte)'Z',
            PreemptDepth = preempt,
            MigrateDisable = migrate,
        };
        return true;
    }

    private static bool TryParseDepth(byte column, out byte depth)
    {
        depth = 0;
        if (column == '.')
        {
            return true;
        }

        if (!char.IsAsciiHexDigitLower((char)column))
        {
            return false;
        }

        depth = (byte)(column <= '9' ? column - '0' : column - 'a' + 10);
        return true;
    }
}
