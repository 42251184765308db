using System.Buffers.Binary;
using X86Pae.Paging;
using X86Pae.Tests.Tlb;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Lab.Tests.Experiments;

/// <summary>The replay of an address trace in plain words: dictionaries and lists, one step at a time, no tables in memory.</summary>
internal sealed class NaiveMemtrace
{
    private readonly CpuModel _model;
    private readonly HashSet<long> _namedFrames;
    private readonly SortedDictionary<int, Cpu> _cpus = [];
    private long _lastFrame;

    public NaiveMemtrace(byte[] trace, CpuModel model)
    {
        Assert.Null(model.RefillChargedInPercent);
        _model = model;
        Fields[] records = [.. trace.Chunk(8).Select(bytes => new Fields(BinaryPrimitives.ReadUInt64LittleEndian(bytes)))];
        _namedFrames = [.. records.Select(record => record.Frame)];
        foreach (Fields record in records)
        {
            if (!_cpus.TryGetValue(record.Cpu, out Cpu? cpu))
            {
                cpu = _cpus[record.Cpu] = new Cpu(this);
            }

            cpu.Take(record);
        }
    }

    public IEnumerable<(int Cpu, NaiveMemtraceCounts Counts)> Results => _cpus.Select(pair => (pair.Key, pair.Value.Counts));

    private long TakeFrame()
    {
        do
        {
            _lastFrame++;
        }
        while (_namedFrames.Contains(_lastFrame));

        return _lastFrame;
    }

    private sealed record Fields(ulong Bits)
    {
        public long Linear => (long)(Bits & 0xFFFF_FFFF);

        public long Frame => (long)((Bits >> 32) & 0xFF_FFFF);

        public bool FrameIsKnown => Frame != 0xFF_FFFF;

        public int Kind => (int)((Bits >> 56) & 7);

        public int Cpu => (int)(Bits >> 59);
    }

    /// <summary>One processor: its mappings, its TLBs and its data caches.</summary>
    private sealed class Cpu
    {
        private static readonly Access[] Accesses = [Access.SupervisorFetch, Access.SupervisorRead, Access.SupervisorWrite];

        private static readonly string[] KindNames = ["fetches", "loads", "stores"];

        private readonly NaiveMemtrace _machine;
        private readonly CpuModel _model;
        private readonly NaiveCaches _tlbs;
        private readonly NaiveArray _pdes;
        private readonly NaiveLines _l1;
        private readonly NaiveLines _l2;
        private readonly NaiveLines? _l3;
        private readonly Dictionary<long, (long Frame, bool IsKnown)> _pages = [];
        private readonly Dictionary<long, long> _tables = []; // physical address by number of 2 MiB
        private readonly long _pdpt;
        private readonly long[] _directories;
        private bool _globalsAreOn = true;

        public Cpu(NaiveMemtrace machine)
        {
            _machine = machine;
            _model = machine._model;
            _tlbs = new NaiveCaches(_model.Tlbs);
            _pdes = new NaiveArray(_model.Tlbs.PdeCache);
            _l1 = new NaiveLines(_model.L1, _model.LineSizeInBytes);
            _l2 = new NaiveLines(_model.L2, _model.LineSizeInBytes);
            _l3 = _model.L3 is null ? null : new NaiveLines(_model.L3, _model.LineSizeInBytes);
            _pdpt = 4096 * machine.TakeFrame();
            _directories = [.. Enumerable.Range(0, 4).Select(_ => 4096 * machine.TakeFrame())];
            Latency(_pdpt, skipsL1: _model.WalksBypassL1, out _); // when paging was turned on
        }

        public NaiveMemtraceCounts Counts { get; } = new();

        public void Take(Fields record)
        {
            switch (record.Kind)
            {
                case 0 or 1 or 2:
                    Perform(record);
                    break;
                case 3:
                    Counts["movCr3"]++;
                    Counts["flushCycles"] += _model.MovCr3.Value;
                    ReloadPdptes();
                    _tlbs.Flush(globalsToo: false);
                    break;
                case 4:
                    Counts["invlpg"]++;
                    Counts["flushCycles"] += _model.Invlpg.Value;
                    _pdes.Flush(globalsToo: true);
                    break;
                default:
                    Counts["movCr4"]++;
                    Counts["flushCycles"] += (_model.PgeTogglePair.Value + (Counts["movCr4"] % 2)) / 2; // the odd cycle first
                    _globalsAreOn = !_globalsAreOn;
                    ReloadPdptes();
                    _tlbs.Flush(globalsToo: true);
                    break;
            }
        }

        private void ReloadPdptes()
        {
            Counts["refillCycles"] += Latency(_pdpt, _model.WalksBypassL1, out _);
            _pdes.Flush(globalsToo: true);
        }

        private void Perform(Fields record)
        {
            long page = record.Linear / 4096;
            MapIfNeeded(page, record);
            Counts[KindNames[record.Kind]]++;
            Translate(page, Accesses[record.Kind]);
            if (record.Kind != 0)
            {
                long physical = (_pages[page].Frame * 4096) + (record.Linear % 4096);
                Counts["dataCycles"] += Latency(physical, skipsL1: false, out _);
            }
        }

        private void MapIfNeeded(long page, Fields record)
        {
            bool held = _pages.TryGetValue(page, out (long Frame, bool IsKnown) mapping);
            if (held && (!record.FrameIsKnown || (mapping.IsKnown && mapping.Frame == record.Frame)))
            {
                return;
            }

            if (!_tables.ContainsKey(page / 512))
            {
                _tables[page / 512] = 4096 * _machine.TakeFrame();
            }

            _pages[page] = record.FrameIsKnown ? (record.Frame, true) : (_machine.TakeFrame(), false);
            Counts[held ? "framesChanged" : "pagesMapped"]++;
            if (held)
            {
                _tlbs.Drop((uint)(page * 4096));
            }
        }

        private void Translate(long page, Access access)
        {
            uint linear = (uint)(page * 4096);
            TlbHit hit = _tlbs.LookUp(linear, access, out _);
            if (_model.LoadLevelMiss is { } loadLevelMiss && access.IsLoad && hit != TlbHit.Load)
            {
                Counts["loadLevelMisses"]++;
                Counts["refillCycles"] += loadLevelMiss.Value;
            }

            if (hit is TlbHit.Second or TlbHit.None)
            {
                Counts["firstLevelMisses"]++;
                Counts["secondLevelHits"] += hit == TlbHit.Second ? 1 : 0;
                Counts["refillCycles"] += _model.SecondLevelHit?.Value ?? 0;
            }

            if (hit == TlbHit.None)
            {
                Walk(page);
                PageAttributes global = page >= 0xC0000 && _globalsAreOn ? PageAttributes.Global : PageAttributes.None;
                _tlbs.Fill(linear, access, large: false, (ulong)global);
            }
        }

        private void Walk(long page)
        {
            Counts["walks"]++;
            Counts["refillCycles"] += _model.WalkFixed.Value;
            var region = (uint)(page / 512);
            bool pdeIsCached = _pdes.TryGet(region, out _);
            Counts["walksFromPdeCache"] += pdeIsCached ? 1 : 0;
            if (!pdeIsCached)
            {
                LoadEntry(_directories[page / 0x4_0000] + (8 * (region % 512)));
            }

            LoadEntry(_tables[region] + (8 * (page % 512)));
            if (!pdeIsCached)
            {
                _pdes.Insert(region, payload: 0, global: false, stamp: 0);
            }
        }

        private void LoadEntry(long address)
        {
            Counts["refillCycles"] += Latency(address, _model.WalksBypassL1, out string from);
            Counts["tableLoadsFrom" + from]++;
        }

        private int Latency(long address, bool skipsL1, out string from)
        {
            (from, int cycles) = !skipsL1 && _l1.Use(address) ? ("L1", _model.L1.LoadToUse.Value)
                : _l2.Use(address) ? ("L2", _model.L2.LoadToUse.Value)
                : _l3 is not null && _l3.Use(address) ? ("L3", _model.L3!.LoadToUse.Value)
                : ("Memory", _model.Dram.Value);
            return cycles;
        }
    }
}

/// <summary>Counts by name; what was never counted is 0.</summary>
internal sealed class NaiveMemtraceCounts
{
    private readonly Dictionary<string, long> _counts = [];

    public long this[string name]
    {
        get => _counts.GetValueOrDefault(name);
        set => _counts[name] = value;
    }
}

/// <summary>A data cache as lists of line numbers, one for each set, the line used last in front.</summary>
internal sealed class NaiveLines(CacheGeometry geometry, int lineSize)
{
    private readonly Dictionary<long, List<long>> _sets = [];

    /// <summary>Uses the line of an address; says whether it was there.</summary>
    public bool Use(long address)
    {
        long line = address / lineSize;
        long sets = geometry.SizeInKiB * 1024 / geometry.Ways / lineSize;
        if (!_sets.TryGetValue(line % sets, out List<long>? set))
        {
            set = _sets[line % sets] = [];
        }

        bool held = set.Remove(line);
        set.Insert(0, line);
        if (set.Count > geometry.Ways)
        {
            set.RemoveAt(geometry.Ways);
        }

        return held;
    }
}
