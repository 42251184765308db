namespace X86Pae.Paging;

/// <summary>Remembers where a walk read its entries, and what stood above them.</summary>
internal struct TableReadObserver : IWalkObserver
{
    private ulong _pdpte;
    private ulong _pdeAddress;
    private ulong _pde;
    private ulong _pteAddress;
    private bool _readPdpte;
    private bool _readPde;
    private bool _readPte;

    /// <inheritdoc/>
    public void EntryLoaded(WalkLevel level, ulong address, ulong entry)
    {
        switch (level)
        {
            case WalkLevel.Pdpte:
                (_pdpte, _readPdpte) = (entry, true);
                break;
            case WalkLevel.Pde:
                (_pdeAddress, _pde, _readPde) = (address, entry, true);
                break;
            default:
                (_pteAddress, _readPte) = (address, true);
                break;
        }
    }

    /// <inheritdoc/>
    public readonly void EntryUpdated(WalkLevel level, ulong address, ulong entry)
    {
    }

    /// <summary>Where an entry was read, and the entry above it.</summary>
    /// <param name="level">A PDE or a PTE.</param>
    /// <param name="root">What stands above the PDE unless the walk has read it from memory.</param>
    /// <param name="address">Physical address of the entry.</param>
    /// <param name="parent">The entry above it.</param>
    /// <returns>Whether the walk got there.</returns>
    public readonly bool TryGet(WalkLevel level, ulong root, out ulong address, out ulong parent)
    {
        bool isPde = level == WalkLevel.Pde;
        address = isPde ? _pdeAddress : _pteAddress;
        parent = isPde ? (_readPdpte ? _pdpte : root) : _pde;
        return isPde ? _readPde : _readPte;
    }
}
