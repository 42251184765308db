using X86Pae.Paging;

namespace X86Pae;

/// <summary>Charges for the table accesses of a walk that enters below the directory.</summary>
/// <typeparam name="TTiming">What is told of the work.</typeparam>
/// <param name="timing">What is told of the work.</param>
/// <param name="types">Memory types: whether the data caches may hold the table.</param>
/// <param name="pde">The directory entry that was cached.</param>
internal readonly struct TableCharger<TTiming>(TTiming timing, MemoryTyping types, ulong pde) : IWalkObserver
    where TTiming : struct, ITiming
{
    /// <inheritdoc/>
    public void EntryLoaded(WalkLevel level, ulong address, ulong entry)
    {
        if (typeof(TTiming) != typeof(NoTiming)) // the functional MMU asks for no memory type
        {
            timing.TableLoaded(address, types.IsTableCached(address, pde));
        }
    }

    /// <inheritdoc/>
    public void EntryUpdated(WalkLevel level, ulong address, ulong entry) => timing.TableUpdated(address);
}
