using X86Pae.Paging;

namespace X86Pae;

/// <summary>Charges for each table access of a walk and remembers the directory entry it went through, for the PDE cache.</summary>
/// <typeparam name="TTiming">What is told of the work.</typeparam>
/// <param name="timing">What is told of the work.</param>
/// <param name="types">Memory types: whether the data caches may hold a table.</param>
/// <param name="above">What stands above the first entry that is read: CR3 or a PDPTE register.</param>
internal struct WalkRecorder<TTiming>(TTiming timing, MemoryTyping types, ulong above) : IWalkObserver
    where TTiming : struct, ITiming
{
    private ulong _above = above;
    private ulong _pde = above;
    private bool _reachedTable; // then the directory entry was present, valid and not a large page

    /// <summary>The directory entry, if it points to a table and has A set, so that it may be cached.</summary>
    /// <param name="pde">The entry as it is in memory.</param>
    public readonly bool TryGetTablePde(out ulong pde)
    {
        const ulong Cacheable = EntryBits.Present | EntryBits.Accessed;
        pde = _pde;
        return _reachedTable && (_pde & Cacheable) == Cacheable;
    }

    /// <inheritdoc/>
    public void EntryLoaded(WalkLevel level, ulong address, ulong entry)
    {
        if (typeof(TTiming) != typeof(NoTiming)) // the functional MMU asks for no memory type
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
