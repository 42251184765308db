using X86Pae.Paging;

namespace X86Pae;

/// <summary>
/// Reports each table access of a walk to the timing, and keeps the directory entry of the walk for the PDE cache.
/// </summary>
/// <typeparam name="TTiming">The timing of the MMU.</typeparam>
/// <param name="timing">The timing of the MMU.</param>
/// <param name="types">The memory types, which decide whether the data caches may hold a table.</param>
/// <param name="above">The register above the first entry that is read: CR3 or a PDPTE register.</param>
internal struct WalkRecorder<TTiming>(TTiming timing, MemoryTyping types, ulong above) : IWalkObserver
    where TTiming : struct, ITiming
{
    private ulong _above = above;
    private ulong _pde = above;
    private bool _reachedTable; // the walk has read a table, so its directory entry is present and valid, and maps no large page

    /// <summary>Gives the directory entry of the walk if it points to a table and has A set, so that it may be cached.</summary>
    /// <param name="pde">The entry as it is in memory.</param>
    /// <returns>Whether the entry may be cached.</returns>
    public readonly bool TryGetTablePde(out ulong pde)
    {
        const ulong Cacheable = EntryBits.Present | EntryBits.Accessed;
        pde = _pde;
        return _reachedTable && (_pde & Cacheable) == Cacheable;
    }

    /// <inheritdoc/>
    public void EntryLoaded(WalkLevel level, ulong address, ulong entry)
    {
        if (typeof(TTiming) != typeof(NoTiming)) // a functional MMU has no use for the memory type
        {
            timing.TableLoaded(address, types.IsTableCached(address, level == WalkLevel.Pte ? _pde : _above));
        }

        if (level == WalkLevel.Pdpte)
        {
            _above = entry;
        }

        Record(level, entry);
    }

    /// <inheritdoc/>
    public void EntryUpdated(WalkLevel level, ulong address, ulong entry)
    {
        timing.TableUpdated(address);
        Record(level, entry);
    }

    private void Record(WalkLevel level, ulong entry)
    {
        if (level == WalkLevel.Pde)
        {
            _pde = entry;
        }
        else
        {
            _reachedTable |= level == WalkLevel.Pte;
        }
    }
}

/// <summary>Reports to the timing the table accesses of a walk that begins at an entry of the PDE cache.</summary>
/// <typeparam name="TTiming">The timing of the MMU.</typeparam>
/// <param name="timing">The timing of the MMU.</param>
/// <param name="types">The memory types, which decide whether the data caches may hold the table.</param>
/// <param name="pde">The directory entry.</param>
internal readonly struct TableCharger<TTiming>(TTiming timing, MemoryTyping types, ulong pde) : IWalkObserver
    where TTiming : struct, ITiming
{
    /// <inheritdoc/>
    public void EntryLoaded(WalkLevel level, ulong address, ulong entry)
    {
        if (typeof(TTiming) != typeof(NoTiming)) // a functional MMU has no use for the memory type
        {
            timing.TableLoaded(address, types.IsTableCached(address, pde));
        }
    }

    /// <inheritdoc/>
    public void EntryUpdated(WalkLevel level, ulong address, ulong entry) => timing.TableUpdated(address);
}
