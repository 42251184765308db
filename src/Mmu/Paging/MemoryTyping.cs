using System.Runtime.CompilerServices;
using X86Pae.Memory;

namespace X86Pae.Paging;

/// <summary>Memory types on one logical processor: its MTRRs, with the PAT and CR0.CD of its control registers.</summary>
/// <param name="control">The control registers.</param>
internal sealed class MemoryTyping(ControlRegisters control)
{
    private const ulong TableBits = EntryBits.WriteThrough | EntryBits.CacheDisable;

    private readonly Mtrrs? _mtrrs = control.Features.Mtrr ? new Mtrrs(control.Features.MaxPhyAddr) : null;
    private bool _patDecides; // CR0.CD and E of the MTRRs are clear, so that the PAT alone decides whether an access is cached
    private uint _plainTables; // bit n is set if a table is cached by the PAT alone where bits 7:3 of the entry above it are n

    /// <summary>Resets the MTRRs.</summary>
    public void Reset() => _mtrrs?.Reset();

    /// <summary>RDMSR of an MTRR; false for #GP(0).</summary>
    /// <param name="msr">Number of the register.</param>
    /// <param name="value">Its value; 0 if it is not there.</param>
    public bool TryRead(uint msr, out ulong value)
    {
        value = 0;
        return _mtrrs is not null && _mtrrs.TryRead(msr, out value);
    }

    /// <summary>WRMSR to an MTRR; false for #GP(0). The caches must drop all translations.</summary>
    /// <param name="msr">Number of the register.</param>
    /// <param name="value">The source operand.</param>
    public bool TryWrite(uint msr, ulong value) => _mtrrs is not null && _mtrrs.TryWrite(msr, value);

    /// <summary>Adds the type that the PAT has now to a translation, as a TLB entry keeps it.</summary>
    /// <param name="result">A translation, or a fault, which is returned as it is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every walk
    public WalkResult WithPatType(WalkResult result) =>
        result.IsFault ? result : result.WithPatType(MemoryTypes.PatTypeOf(control.Pat, result.Attributes));

    /// <summary>Whether a table is cached by the PAT alone. Where it is false, <see cref="IsTableCached"/> decides.</summary>
    /// <param name="parent">The entry above it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every walk
    public bool IsPlainTable(ulong parent) => ((_plainTables >> (int)(parent >> 3)) & 1) != 0;

    /// <summary>Works out anew what depends on CR0, the PAT and the MTRRs, after a write to one of them.</summary>
    public void Follow()
    {
        _patDecides = (control.Cr0 & Cr0.CacheDisable) == 0 && _mtrrs is not { IsEnabled: true };
        _plainTables = 0;
        for (int index = 0; index < MemoryTypes.PatIndicesOfTables && _patDecides; index++)
        {
            const uint AnyOtherBits = 0x1111_1111; // bits 7:5 of the entry may be anything; 4:3 are the index
            _plainTables |= MemoryTypes.PatEntry(control.Pat, index) == MemoryType.WriteBack ? AnyOtherBits << index : 0;
        }
    }

    /// <summary>Whether the data caches may hold the data of an access through a translation.</summary>
    /// <param name="translation">A translation with the type of the PAT; not a fault.</param>
    /// <remarks>
    /// This follows <see cref="TypeOf(WalkResult)"/>, but MTRRs that software has not enabled are left out: a machine without
    /// firmware is timed as if all its memory were write-back.
    /// </remarks>
    public bool IsCached(WalkResult translation) =>
        (_patDecides && translation.PatType == MemoryType.WriteBack)
        || IsCached(translation.PhysicalAddress, translation.PatType, translation.Attributes);

    /// <summary>Whether the data caches may hold a table that a walk reads.</summary>
    /// <param name="address">Physical byte address of the entry that is read.</param>
    /// <param name="parent">The entry above it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every walk
    public bool IsTableCached(ulong address, ulong parent) =>
        IsPlainTable(parent) || IsUnusualTableCached(address, parent);

    /// <summary>The memory type of an access through a translation.</summary>
    /// <param name="translation">A translation with the type of the PAT; not a fault.</param>
    public MemoryType TypeOf(WalkResult translation) =>
        TypeOf(translation.PhysicalAddress, translation.PatType, translation.Attributes);

    /// <summary>The memory type of the access that a walk makes to a table. The entry above the table decides it.</summary>
    /// <param name="bus">The memory; nothing is written to it.</param>
    /// <param name="linear">The linear address that is translated.</param>
    /// <param name="level">Whether the walk reads a PDE or a PTE.</param>
    /// <returns>The type, or null where the walk ends above that level.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="level"/> is neither.</exception>
    public MemoryType? TypeOfTableRead<TBus>(TBus bus, uint linear, WalkLevel level)
        where TBus : struct, IBus
    {
        if (level is not (WalkLevel.Pde or WalkLevel.Pte))
        {
            throw new ArgumentOutOfRangeException(nameof(level), level, "A walk reads a PDE and a PTE.");
        }

        var observer = default(TableReadObserver);
        PageWalker.Probe(ref bus, ref observer, in control.State, linear, Access.SupervisorRead);
        if (!observer.TryGet(level, control.State.Parent(linear), out ulong address, out ulong parent))
        {
            return null;
        }

        return TypeOf(address, PatOfTable(parent), (PageAttributes)(parent & TableBits));
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // keeps the usual walk small
    private bool IsUnusualTableCached(ulong address, ulong parent) =>
        IsCached(address, PatOfTable(parent), (PageAttributes)(parent & TableBits));

    private MemoryType PatOfTable(ulong parent) => MemoryTypes.PatEntry(control.Pat, MemoryTypes.PatIndexOfTable(parent));

    [MethodImpl(MethodImplOptions.NoInlining)] // rarely needed; keeps the callers small
    private bool IsCached(ulong physicalAddress, MemoryType pat, PageAttributes attributes)
    {
        MemoryType mtrr = _mtrrs is { IsEnabled: true } ? _mtrrs.TypeOf(physicalAddress) : MemoryType.WriteBack;
        return Combine(mtrr, pat, attributes) is MemoryType.WriteBack or MemoryType.WriteThrough or MemoryType.WriteProtected;
    }

    private MemoryType TypeOf(ulong physicalAddress, MemoryType pat, PageAttributes attributes) =>
        Combine(_mtrrs?.TypeOf(physicalAddress) ?? MemoryType.WriteBack, pat, attributes);

    private MemoryType Combine(MemoryType mtrr, MemoryType pat, PageAttributes attributes)
    {
        MemoryType effective = control.Features.Pat
            ? MemoryTypes.Effective(mtrr, pat)
            : MemoryTypes.EffectiveWithoutPat(
                mtrr, (attributes & PageAttributes.CacheDisable) != 0, (attributes & PageAttributes.WriteThrough) != 0);
        return MemoryTypes.UnderCr0(control.Cr0, mtrr, effective);
    }
}

/// <summary>Keeps the addresses of the entries that a walk reads, and the entries above them.</summary>
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

    /// <summary>Gives the address of an entry that the walk has read, and the entry above it.</summary>
    /// <param name="level">A PDE or a PTE.</param>
    /// <param name="root">The PDPTE register or CR3 above the PDE; unused if the walk has read a PDPTE from memory.</param>
    /// <param name="address">Physical byte address of the entry.</param>
    /// <param name="parent">The entry above it.</param>
    /// <returns>Whether the walk has read an entry of that level.</returns>
    public readonly bool TryGet(WalkLevel level, ulong root, out ulong address, out ulong parent)
    {
        bool isPde = level == WalkLevel.Pde;
        address = isPde ? _pdeAddress : _pteAddress;
        parent = isPde ? (_readPdpte ? _pdpte : root) : _pde;
        return isPde ? _readPde : _readPte;
    }
}
