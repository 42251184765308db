// What a processor may have cached follows from what it could have seen (rules C50 and C51):
//
//   a directory entry    read at any moment s, if nothing has dropped PDEs for the address since
//   a translation        made at any moment t from a directory entry as of some s <= t, nothing dropping it in between,
//                        and the table as of t, if nothing has dropped translations of the page since
//
//   Both only with A set in memory at that moment: a processor sets it first. Hence the two nested loops below.

using static X86Pae.Reference.Specification.SpecBits;

namespace X86Pae.Reference.Specification;

/// <summary>A permitted outcome of an access, and the entries in which that way to it sets flags.</summary>
/// <param name="Outcome">The outcome; its D is set exactly for a write, since a cached D is nobody's business.</param>
/// <param name="Pde">Address of the directory entry in which A is set; <see cref="None"/> where it is not read.</param>
/// <param name="Leaf">Address of the leaf in which A, and D for a write, is set; <see cref="None"/> where it is not.</param>
public readonly record struct SpecPermitted(SpecOutcome Outcome, ulong Pde, ulong Leaf)
{
    /// <summary>The address of no entry.</summary>
    public const ulong None = ulong.MaxValue;

    /// <summary>The outcome, and where it sets flags.</summary>
    public override string ToString() => $"{Outcome}{At("PDE", Pde)}{At("leaf", Leaf)}";

    private static string At(string entry, ulong address) => address == None ? "" : $", flags in {entry} at {address:X}";
}

/// <summary>What a processor could see at one time, until something changed; and what it had to drop then.</summary>
internal readonly record struct SpecMoment(SpecRegisters Registers, SpecMemory Memory, SpecDrop DroppedAfter);

/// <summary>All that one processor has been through, and so what it may answer.</summary>
internal sealed class SpecHistory(SpecTables tables, SpecOptions options)
{
    private readonly List<SpecMoment> _moments = [];
    private SpecPde[] _pdes = new SpecPde[64];

    /// <summary>Something has changed: what was dropped by that, and what there is to see from now on.</summary>
    public void Advance(SpecDrop drop, SpecRegisters registers, SpecMemory memory)
    {
        if (_moments.Count > 0)
        {
            _moments[^1] = _moments[^1] with { DroppedAfter = drop };
        }

        _moments.Add(new SpecMoment(registers, memory, default));
    }

    /// <summary>The same history for a processor that has kept what it had to drop.</summary>
    /// <param name="isKept">Which drops it has left out.</param>
    public SpecHistory WithoutDrops(Func<SpecDrop, bool> isKept)
    {
        var history = new SpecHistory(tables, options);
        history._moments.AddRange(_moments.Select(
            moment => isKept(moment.DroppedAfter) ? moment with { DroppedAfter = default } : moment));
        return history;
    }

    /// <summary>Lists every outcome that an access may have now, the one by memory alone first.</summary>
    public void Permitted(uint linear, SpecAccess access, List<SpecPermitted> results)
    {
        results.Clear();
        SpecMoment now = _moments[^1];
        if (!now.Registers.Pg)
        {
            SpecOutcome identity = SpecOutcome.Identity(now.Registers, linear) with { Dirty = access.IsWrite };
            results.Add(new SpecPermitted(identity, SpecPermitted.None, SpecPermitted.None));
            return;
        }

        int oldest = ReadPdes(linear);
        AddWalkOfMemory(now, _pdes[_moments.Count - 1], linear, access, results);
        AddWalksOfCachedPdes(now, oldest, linear, access, results);
        AddCachedTranslations(now, oldest, linear, access, results);
    }

    /// <summary>Reads the directory entry of an address as of each moment since everything was dropped last.</summary>
    private int ReadPdes(uint linear)
    {
        if (_pdes.Length < _moments.Count)
        {
            _pdes = new SpecPde[2 * _moments.Count];
        }

        for (int s = _moments.Count - 1; ; s--)
        {
            SpecMoment moment = _moments[s];
            _pdes[s] = moment.Registers.Pg
                ? tables.Pde(moment.Registers, moment.Memory, linear)
                : new SpecPde { Problem = SpecProblem.NotPresent };
            if (s == 0 || _moments[s - 1].DroppedAfter.Kind == SpecDropKind.All)
            {
                return s;
            }
        }
    }

    private void AddWalkOfMemory(
        SpecMoment now, SpecPde pde, uint linear, SpecAccess access, List<SpecPermitted> results)
    {
        if (pde.Problem != SpecProblem.None)
        {
            SpecOutcome fault = SpecOutcome.Fault(now.Registers, linear, access, pde.Problem);
            results.Add(new SpecPermitted(fault, SpecPermitted.None, SpecPermitted.None));
        }
        else if (pde.IsLarge)
        {
            AddWalk(now, SpecTables.LargePage(now.Registers, pde, linear), SpecPermitted.None, linear, access, results);
        }
        else
        {
            AddWalk(now, tables.TablePage(now.Registers, now.Memory, pde.Value, linear), pde.Address, linear, access, results);
        }
    }

    private void AddWalksOfCachedPdes(
        SpecMoment now, int oldest, uint linear, SpecAccess access, List<SpecPermitted> results)
    {
        ulong last = 0;
        for (int s = _moments.Count - 1; s >= oldest && !PdeDroppedAfter(s, linear); s--)
        {
            if (IsCacheable(_pdes[s]) && _pdes[s].Value != last)
            {
                last = _pdes[s].Value;
                SpecPage page = tables.TablePage(now.Registers, now.Memory, last, linear);
                AddWalk(now, page, SpecPermitted.None, linear, access, results);
            }
        }
    }

    private void AddCachedTranslations(
        SpecMoment now, int oldest, uint linear, SpecAccess access, List<SpecPermitted> results)
    {
        int shift = now.Registers.LargePageShift;
        bool small = true;
        bool smallGlobal = true;
        bool large = true;
        bool largeGlobal = true;
        for (int t = _moments.Count - 1; t >= oldest; t--)
        {
            SpecMoment then = _moments[t];
            SpecDrop drop = then.DroppedAfter;
            small &= !drop.DropsTranslation(linear, large: false, global: false, shift);
            smallGlobal &= !drop.DropsTranslation(linear, large: false, global: true, shift);
            large &= !drop.DropsTranslation(linear, large: true, global: false, shift);
            largeGlobal &= !drop.DropsTranslation(linear, large: true, global: true, shift);
            if (!then.Registers.Pg || !(small || smallGlobal || large || largeGlobal))
            {
                continue;
            }

            if (_pdes[t].Problem == SpecProblem.None && _pdes[t].IsLarge)
            {
                SpecPage page = SpecTables.LargePage(then.Registers, _pdes[t], linear);
                if (page.Global ? largeGlobal : large)
                {
                    AddCached(now, page, linear, access, results);
                }
            }

            ulong last = 0;
            for (int s = t; s >= oldest && (s == t || !PdeDroppedAfter(s, linear)); s--)
            {
                if (IsCacheable(_pdes[s]) && _pdes[s].Value != last)
                {
                    last = _pdes[s].Value;
                    SpecPage page = tables.TablePage(then.Registers, then.Memory, last, linear);
                    if (page.Global ? smallGlobal : small)
                    {
                        AddCached(now, page, linear, access, results);
                    }
                }
            }
        }
    }

    /// <summary>Whether what was there at a moment was dropped right after it; it is the present one if nothing was.</summary>
    private bool PdeDroppedAfter(int moment, uint linear) =>
        _moments[moment].DroppedAfter.DropsPde(linear, _moments[moment].Registers.LargePageShift);

    private static bool IsCacheable(SpecPde pde) => pde.Problem == SpecProblem.None && !pde.IsLarge && Bit(pde.Value, 5);

    /// <summary>The way through memory: faults or not, and sets flags.</summary>
    private void AddWalk(
        SpecMoment now, SpecPage page, ulong pdeAddress, uint linear, SpecAccess access, List<SpecPermitted> results)
    {
        SpecOutcome outcome = SpecOutcome.Of(now.Registers, linear, access, page) with { Dirty = false };
        if (outcome.IsFault)
        {
            Add(results, outcome, options.AccessedOnlyOnSuccess ? SpecPermitted.None : pdeAddress, SpecPermitted.None);
        }
        else
        {
            Add(results, outcome with { Dirty = access.IsWrite }, pdeAddress, page.LeafAddress);
        }
    }

    /// <summary>The way through the TLB: nothing is read or set. A clean translation cannot serve a write.</summary>
    private static void AddCached(
        SpecMoment now, SpecPage page, uint linear, SpecAccess access, List<SpecPermitted> results)
    {
        if (page.Problem != SpecProblem.None || !page.Accessed)
        {
            return;
        }

        SpecOutcome outcome = SpecOutcome.Of(now.Registers, linear, access, page) with { Dirty = false };
        if (outcome.IsFault)
        {
            Add(results, outcome, SpecPermitted.None, SpecPermitted.None);
        }
        else if (!access.IsWrite || page.Dirty)
        {
            Add(results, outcome with { Dirty = access.IsWrite }, SpecPermitted.None, SpecPermitted.None);
        }
    }

    private static void Add(List<SpecPermitted> results, SpecOutcome outcome, ulong pde, ulong leaf)
    {
        var permitted = new SpecPermitted(outcome, pde, leaf);
        if (!results.Contains(permitted))
        {
            results.Add(permitted);
        }
    }
}
