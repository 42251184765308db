using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace X86Pae.Tlb;

/// <summary>What lookups look at of an owner: it lies at one address, which those in a straight line have at hand.</summary>
internal struct OwnerTags
{
    // What no tag of an array of translations makes of the number of a 4-KiB page: the mark of large pages, and no generation. An
    // empty way, whose tag is 0, makes the page number of it.
    private const uint Nothing = TranslationArray.LargePage;

    private Vector128<uint> _askedLocal; // the generations in each element, or Nothing while the owner is held up
    private Vector128<uint> _askedGlobal;

    /// <summary>Generation of the entries that are not global, as it stands in tags.</summary>
    public uint Local;

    /// <summary>Generation of the global entries, as it stands in tags.</summary>
    public uint Global;

    /// <summary>The same as <see cref="TagSpace.Latest"/>.</summary>
    public uint Latest;

    /// <summary>Number of translations filled so far, modulo 2^32; their entries are stamped with it.</summary>
    public uint Fills;

    /// <summary>What keeps an access that the nearest level does not serve from the straight line.</summary>
    public Obstacles Obstacles;

    /// <summary>Asks for the current generations from now on.</summary>
    public void AskForCurrent()
    {
        _askedLocal = Vector128.Create(Local);
        _askedGlobal = Vector128.Create(Global);
    }

    /// <summary>Asks for nothing from now on.</summary>
    public void AskForNothing()
    {
        _askedLocal = Vector128.Create(Nothing);
        _askedGlobal = Vector128.Create(Nothing);
    }

    /// <summary>The ways that hold a page which is asked for.</summary>
    /// <param name="page">Its number.</param>
    /// <param name="tags">Tags of four ways.</param>
    /// <returns>A bit for each way; at most one is set.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every TLB hit
    public readonly uint FindAsked(uint page, Vector128<uint> tags) =>
        Match(page, tags, _askedLocal, _askedGlobal).ExtractMostSignificantBits();

    /// <summary>The ways that hold a page, whether it is asked for or not.</summary>
    /// <param name="page">Its number, marked if it is large.</param>
    /// <param name="tags">Tags of four ways.</param>
    /// <returns>All bits of each element that is a tag of the page; at most one is.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every lookup in a set of four
    public readonly Vector128<uint> Match(uint page, Vector128<uint> tags) =>
        Match(page, tags, Vector128.Create(Local), Vector128.Create(Global));

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // four vector instructions
    private static Vector128<uint> Match(uint page, Vector128<uint> tags, Vector128<uint> local, Vector128<uint> global)
    {
        Vector128<uint> generations = tags ^ Vector128.Create(page); // where the page is another, it is no generation
        return Vector128.Equals(generations, local) | Vector128.Equals(generations, global);
    }
}
