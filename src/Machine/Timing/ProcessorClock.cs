using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace X86Pae.Timing;

/// <summary>The clock of one processor: cycles, what they were spent on, and the data caches that decide many of them.</summary>
public sealed unsafe class ProcessorClock
{
    private readonly DataCache _l1;
    private readonly DataCache _l2;
    private readonly DataCache? _l3;
    private readonly int _l1Latency;
    private readonly int _l2Latency;
    private readonly int _l3Latency;
    private readonly int _dramLatency;
    private readonly int _refillPercent;
    private readonly bool _walksBypassL1;
    private readonly bool _walksReadNarrowL1; // the usual case
    private long _refillRemainder; // hundredths of a cycle of refills that are owed but not yet a whole cycle
    private readonly ClockStates _states; // keeps what _state points into alive
    private readonly ClockState* _state;
    private RefillEvents _refills;
    private CycleAccounts _accounts;
    private EventCounts _counts;
    private long _translations; // not in the counts yet

    /// <summary>Creates a clock at cycle 0 with empty caches.</summary>
    /// <param name="model">Geometry and costs.</param>
    /// <exception cref="ArgumentNullException"><paramref name="model"/> is null.</exception>
    /// <exception cref="ArgumentException">The model has a cache that cannot exist; the message names its member.</exception>
    public ProcessorClock(CpuModel model)
        : this(model, new ClockStates(1), 0)
    {
    }

    /// <summary>Creates one of several clocks.</summary>
    /// <param name="model">Geometry and costs.</param>
    /// <param name="states">Their states; all zero at the place of this one.</param>
    /// <param name="index">Number of this one.</param>
    internal ProcessorClock(CpuModel model, ClockStates states, int index)
        : this(
            Checked(model),
            CacheOf(model, model.L1, isOuter: false),
            CacheOf(model, model.L2, isOuter: true),
            model.L3 is null ? null : CacheOf(model, model.L3, isOuter: true),
            states,
            index)
    {
    }

    /// <summary>Creates the clock of the other logical processor of a core, at cycle 0; it uses the same data caches.</summary>
    /// <param name="sibling">The clock of the first.</param>
    /// <param name="states">As above.</param>
    /// <param name="index">Number of this one.</param>
    internal ProcessorClock(ProcessorClock sibling, ClockStates states, int index)
        : this(sibling.Model, sibling._l1, sibling._l2, sibling._l3, states, index)
    {
    }

    private ProcessorClock(CpuModel model, DataCache l1, DataCache l2, DataCache? l3, ClockStates states, int index)
    {
        _states = states;
        _state = states.At(index);
        Model = model;
        (_l1, _l2, _l3) = (l1, l2, l3);
        _l1Latency = model.L1.LoadToUse.Value;
        _l2Latency = model.L2.LoadToUse.Value;
        _l3Latency = model.L3?.LoadToUse.Value ?? 0;
        _dramLatency = model.Dram.Value;
        _refillPercent = model.RefillChargedInPercent?.Value ?? 100;
        _walksBypassL1 = model.WalksBypassL1;
        _walksReadNarrowL1 = !_walksBypassL1 && l1.IsNarrow;
        Costs = new OperationCosts(model);
    }

    /// <summary>Creates the clock of the other logical processor of the core, at cycle 0; both use the same data caches.</summary>
    public ProcessorClock CreateSibling() => new(this, new ClockStates(1), 0);

    /// <summary>Geometry and costs.</summary>
    public CpuModel Model { get; }

    /// <summary>Costs of the model, as numbers.</summary>
    internal OperationCosts Costs { get; }

    /// <summary>Cycles since the start, time spent idle included.</summary>
    /// <remarks>
    /// Reading it, the accounts or the counts brings the clock up to date, so all belong to the thread of the MMU; what was read
    /// before does not follow.
    /// </remarks>
    public long Now
    {
        get
        {
            BringUpToDate();
            return _state->Now;
        }
        private set => _state->Now = value;
    }

    /// <summary>Account that data accesses are charged to; page walks always go to <see cref="CycleAccount.Refill"/>.</summary>
    public CycleAccount Account { get; set; }

    /// <summary>Cycles charged so far, by account; idle time is in none.</summary>
    public CycleAccounts Accounts
    {
        get
        {
            Settle();
            return _accounts;
        }
    }

    /// <summary>Events so far. Read the property anew after further work: translations are added to the counts when it is read.</summary>
    public ref readonly EventCounts Counts
    {
        get
        {
            Settle();
            return ref _counts;
        }
    }

    /// <summary>
    /// The counts, to add to. Translations and refills are counted apart, and are added to these when <see cref="Counts"/> is read.
    /// </summary>
    internal ref EventCounts HotCounts => ref _counts;

    /// <summary>Sets all counts to 0; the clock and its accounts go on.</summary>
    public void ResetCounts()
    {
        Settle();
        _counts = default;
    }

    /// <summary>Counts a translation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // one instruction in every access
    internal void CountTranslation() => _translations++;

    /// <summary>Takes the events of a TLB miss.</summary>
    internal ref RefillEvents Refills
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)] // a store, and the count of its caller
        get
        {
            _state->HasRefills = true;
            return ref _refills;
        }
    }

    /// <summary>Begins again at cycle 0 with nothing counted and nothing charged; what the caches hold stays.</summary>
    public void Restart()
    {
        *_state = default;
        _refills = default;
        _refillRemainder = 0;
        _accounts = default;
        _counts = default;
        _translations = 0;
    }

    /// <summary>Spends cycles.</summary>
    /// <param name="account">What on.</param>
    /// <param name="cycles">How many, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="cycles"/> is negative.</exception>
    public void Charge(CycleAccount account, long cycles)
    {
        if (cycles < 0)
        {
            ThrowNegative(cycles);
        }

        Spend(account, cycles);
    }

    /// <summary>Spends cycles that are certainly not negative.</summary>
    /// <param name="account">What on.</param>
    /// <param name="cycles">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // two additions
    internal void Spend(CycleAccount account, long cycles)
    {
        _state->Now += cycles;
        _accounts[(int)account] += cycles;
    }

    /// <summary>Spends the cost that a parameter names.</summary>
    /// <param name="account">What on.</param>
    /// <param name="cost">The cost in cycles.</param>
    public void Charge(CycleAccount account, Parameter cost)
    {
        ArgumentNullException.ThrowIfNull(cost);
        Charge(account, cost.Value);
    }

    /// <summary>Spends the cost of INVLPGs.</summary>
    /// <param name="count">How many.</param>
    internal void ChargeInvlpgs(int count)
    {
        _counts.Invlpgs += count;
        Charge(CycleAccount.Flush, (long)count * Costs.Invlpg);
    }

    /// <summary>Spends the cycles of refills that were only counted so far.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a test
    internal void BringUpToDate()
    {
        if (_state->HasRefills)
        {
            SettleRefills();
        }
    }

    /// <summary>Lets time pass without work until a moment; does nothing if it is in the past.</summary>
    /// <param name="moment">Cycles since the start.</param>
    public void IdleUntil(long moment) => Now = Math.Max(Now, moment);

    /// <summary>Waits, and charges the wait, until a moment; does nothing if it is in the past.</summary>
    /// <param name="account">What on.</param>
    /// <param name="moment">Cycles since the start.</param>
    public void WaitUntil(CycleAccount account, long moment) => Charge(account, Math.Max(0, moment - Now));

    /// <summary>Spends the share of the cycles of refills that out-of-order execution does not hide.</summary>
    /// <param name="cycles">Cycles of further levels and of walks, 0 or more.</param>
    /// <remarks>
    /// Exact over any number of refills: what is less than a cycle is carried over, so the cycles charged are always the share
    /// of all cycles so far, rounded down once.
    /// </remarks>
    internal void ChargeRefill(long cycles)
    {
        if (_refillPercent != 100)
        {
            (cycles, _refillRemainder) = long.DivRem((cycles * _refillPercent) + _refillRemainder, 100);
        }

        Spend(CycleAccount.Refill, cycles);
    }

    /// <summary>Empties the data caches, as other work of the processor does; nothing is charged.</summary>
    public void EmptyDataCaches()
    {
        _l1.Clear();
        _l2.Clear();
        _l3?.Clear();
    }

    /// <summary>Cost of one access to memory that no data cache may hold; it fills none.</summary>
    internal int UncachedLatency()
    {
        _counts.MemoryAccesses++;
        return _dramLatency;
    }

    /// <summary>Cost of one access to memory through the data caches, which it fills.</summary>
    /// <param name="address">Physical byte address.</param>
    /// <returns>Cycles from the access to the use of its value.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every access
    internal int MemoryLatency(ulong address) => _l1.Access(address) ? _l1Latency : OuterLatency(address, out _);

    /// <summary>Cost of loading a table entry outside a walk.</summary>
    /// <param name="address">Physical byte address.</param>
    internal int TableLatency(ulong address) => _walksBypassL1 ? OuterLatency(address, out _) : MemoryLatency(address);

    /// <summary>Counts a walk's load of a table entry, by where it is found.</summary>
    /// <param name="address">Physical byte address.</param>
    /// <param name="isCached">Whether the data caches may hold it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every walk
    internal void LoadTableEntry(ulong address, bool isCached)
    {
        if (isCached && _walksReadNarrowL1 && _l1.AccessNarrow(address))
        {
            Refills.LoadsFromL1++;
        }
        else
        {
            LoadTableEntryFurther(address, isCached);
        }
    }

    private static CpuModel Checked(CpuModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        try
        {
            CpuModelValidation.ValidateCaches(model);
        }
        catch (InvalidDataException e)
        {
            throw new ArgumentException(e.Message, nameof(model), e);
        }

        return model;
    }

    private static DataCache CacheOf(CpuModel model, CacheGeometry level, bool isOuter) =>
        new(level.SizeInKiB * 1024, level.Ways, model.LineSizeInBytes, isOuter);

    [DoesNotReturn]
    private static void ThrowNegative(long cycles) =>
        throw new ArgumentOutOfRangeException(nameof(cycles), cycles, "Time does not run backwards: cycles are 0 or more.");

    /// <summary>Cost of an access that the first level does not serve, and the level that does; 0 for memory.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // rare: keeps what the first level serves small
    private int OuterLatency(ulong address, out int level)
    {
        level = 2;
        if (_l2.Access(address))
        {
            return _l2Latency;
        }

        level = 3;
        if (_l3 is not null && _l3.Access(address))
        {
            return _l3Latency;
        }

        level = 0;
        return UncachedLatency();
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps what the first level serves small
    private void LoadTableEntryFurther(ulong address, bool isCached)
    {
        if (!isCached)
        {
            UncachedLatency();
            Refills.LoadsFromMemory++;
            return;
        }

        if (!_walksBypassL1 && !_walksReadNarrowL1 && _l1.Access(address))
        {
            Refills.LoadsFromL1++;
            return;
        }

        OuterLatency(address, out int level);
        Refills.LoadsFromL2 += level == 2 ? 1 : 0;
        Refills.LoadsFromL3 += level == 3 ? 1 : 0;
        Refills.LoadsFromMemory += level == 0 ? 1 : 0;
    }

    /// <summary>Brings accounts and counts up to date.</summary>
    private void Settle()
    {
        BringUpToDate();
        _counts.Translations += _translations;
        _translations = 0;
        if (_state->Interrupts != 0)
        {
            _counts.IpisHandled += _state->Interrupts;
            _counts.Invlpgs += _state->InterruptPages;
            _accounts[CycleAccount.Shootdown] += _state->InterruptCycles;
            _accounts[CycleAccount.Flush] += _state->InterruptPages * Costs.Invlpg;
            *_state = new ClockState { Now = _state->Now };
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the reading of a settled clock small
    private void SettleRefills()
    {
        ref RefillEvents events = ref _refills;
        _state->HasRefills = false;
        ChargeRefill(
            (events.LoadLevelMisses * Costs.LoadLevelMiss)
            + ((events.SecondLevelHits + events.SecondLevelMisses) * Costs.SecondLevelHit)
            + (events.Walks * Costs.WalkFixed)
            + (events.LoadsFromL1 * _l1Latency)
            + (events.LoadsFromL2 * _l2Latency)
            + (events.LoadsFromL3 * _l3Latency)
            + (events.LoadsFromMemory * _dramLatency));
        events.AddTo(ref _counts);
        events = default;
    }
}
