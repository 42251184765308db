// Two threads of one core, each with its own chain of accesses, one to each of its pages, in random order:
//
//   linear     | pages of the thread that is measured | pages of its sibling |      one address space, all pages mapped
//
//   The sibling, if it is busy, makes an access after each access of the other. Which line of a page is accessed changes from page
//   to page, and once more after 64 pages, so that all sets of every data cache are used. Passes before the measured one warm up.

using X86Pae.Paging;
using X86Pae.Timing;

namespace X86Pae.Lab.Experiments;

/// <summary>What an access costs one thread of a core, by how many pages it uses and what its sibling does.</summary>
public sealed class SiblingChains
{
    /// <summary>Most pages of one thread.</summary>
    public const int MaxPages = 1 << 16;

    private const int SmallestSet = 16; // pages of the first row of each kind
    private const int LargestSet = 2048;
    private const int WarmUpPasses = 3;
    private const int LineBytes = 64;
    private const int LinesInPage = GuestPages.PageSize / LineBytes;

    private static readonly (string Name, AccessKind Kind)[] Accesses = [("load", AccessKind.Read), ("fetch", AccessKind.Fetch)];

    private readonly CpuModel _model;

    /// <summary>Prepares the experiment.</summary>
    /// <param name="model">The processor, whose cores have two threads.</param>
    /// <exception cref="ArgumentException">A core of <paramref name="model"/> has one thread.</exception>
    public SiblingChains(CpuModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model.HasSiblings()
            ? model
            : throw new ArgumentException($"A core of {model.Name} has one thread.", nameof(model));
    }

    /// <summary>Measures one thread.</summary>
    /// <param name="pages">Pages that it uses, 1 to <see cref="MaxPages"/>; a busy sibling uses as many others.</param>
    /// <param name="kind">What both do: reads, writes or fetches.</param>
    /// <param name="sibling">What the sibling does.</param>
    /// <returns>Figures for one access of the thread.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public SiblingResult Measure(int pages, AccessKind kind, SiblingState sibling)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pages, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pages, MaxPages);
        var access = new Access(kind, AccessMode.Supervisor);
        int[] order = RandomOrder.Of(pages);
        var guest = new GuestPages(_model, pae: true, GuestPages.List(2 * pages), hasSibling: sibling != SiblingState.None);
        GuestPages? other = sibling == SiblingState.None ? null : guest.CreateSibling();
        GuestPages? busy = sibling == SiblingState.Busy ? other : null;
        for (int pass = 0; pass < WarmUpPasses; pass++)
        {
            Follow(guest, busy, order, access);
        }

        long start = guest.Clock.Now;
        EventCounts before = guest.Clock.Counts;
        Follow(guest, busy, order, access);
        EventCounts after = guest.Clock.Counts;
        return new SiblingResult(
            (guest.Clock.Now - start) / (double)pages,
            (after.LoadLevelMisses + after.FirstLevelMisses - before.LoadLevelMisses - before.FirstLevelMisses) / (double)pages,
            (after.Walks - before.Walks) / (double)pages);
    }

    /// <summary>Measures loads and fetches over growing numbers of pages, with each state of the sibling.</summary>
    /// <returns>The rows, one after another as they are measured.</returns>
    public IEnumerable<SiblingRow> MeasureAll()
    {
        foreach ((string name, AccessKind kind) in Accesses)
        {
            for (int pages = SmallestSet; pages <= LargestSet; pages *= 2)
            {
                yield return new SiblingRow(
                    name,
                    pages,
                    Measure(pages, kind, SiblingState.None),
                    Measure(pages, kind, SiblingState.Idle),
                    Measure(pages, kind, SiblingState.Busy));
            }
        }
    }

    private static uint Place(int page) => GuestPages.Block
        + (uint)((page * GuestPages.PageSize) + ((page + (page / LinesInPage)) % LinesInPage * LineBytes));

    private static void Follow(GuestPages guest, GuestPages? busy, int[] order, Access access)
    {
        foreach (int place in order)
        {
            guest.Mmu.Read(Place(place), access, out byte _);
            busy?.Mmu.Read(Place(order.Length + place), access, out byte _);
        }
    }
}

/// <summary>What the other logical processor of a core is doing.</summary>
public enum SiblingState
{
    /// <summary>There is none: SMT is off.</summary>
    None,

    /// <summary>Nothing.</summary>
    Idle,

    /// <summary>The same as the one that is measured, on pages of its own.</summary>
    Busy,
}

/// <summary>What accesses took a thread, each figure for one access.</summary>
/// <param name="Cycles">Cycles.</param>
/// <param name="TlbMisses">Misses of the nearest TLB.</param>
/// <param name="Walks">Walks: misses of every TLB.</param>
public readonly record struct SiblingResult(double Cycles, double TlbMisses, double Walks);

/// <summary>What accesses of one kind to so many pages cost a thread.</summary>
/// <param name="Access">What it does: load or fetch.</param>
/// <param name="Pages">Pages that it uses.</param>
/// <param name="Alone">Without SMT.</param>
/// <param name="Idle">With a sibling that does nothing.</param>
/// <param name="Busy">With a sibling that does the same on as many other pages.</param>
public sealed record SiblingRow(string Access, int Pages, SiblingResult Alone, SiblingResult Idle, SiblingResult Busy);
