using System.Runtime.CompilerServices;
using X86Pae.Memory;

namespace X86Pae.Paging;

/// <summary>Memory types on one logical processor: its MTRRs, with the PAT and CR0.CD of its control registers.</summary>
/// <param name="control">The control registers.</param>
internal sealed class MemoryTyping(ControlRegisters control)
{
    private const ulong TableBits = EntryBits.WriteThrough | EntryBits.CacheDisable;

    private readonly Mtrrs? _mtrrs = control.Features.Mtrr ? new Mtrrs(control.Features.MaxPhyAddr) : null;
    private bool _patDecides; // neither CR0 nor an MTRR takes part in whether an access is cached
    private uint _plainTables; // by bits 7:3 of the entry above, tables that are cached because the PAT alone says so

    /// <summary>MTRRs as after reset.</summary>
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

    /// <summary>Adds to a translation what the PAT says now, as a fill keeps it.</summary>
    /// <param name="result">A translation, or a fault, which stays as it is.</param>
    public WalkResult WithPatType(WalkResult result) =>
        result.IsFault ? result : result.WithPatType(MemoryTypes.PatTypeOf(control.Pat, result.Attributes));

    /// <summary>Whether a table is cached because the PAT alone says so, the usual case.</summary>
    /// <param name="parent">The entry above it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // in every walk
    public bool IsPlainTable(ulong parent) => ((_plainTables >> (int)(parent >> 3)) & 1) != 0;

    /// <summary>Takes note of a write to a control register, to the PAT or to an MTRR.</summary>
    public void Follow()
    {
        _patDecides = (control.Cr0 & Cr0.CacheDisable) == 0 && _mtrrs is not { IsEnabled: true };
        _plainTables = 0;
        for (int index = 0; index < MemoryTypes.PatIndicesOfTables && _patDecides; index++)
        {
            const uint AnyOtherBits = 0x1111_1111; // 4:3 are the index
            _plainTables |= MemoryTypes.PatEntry(control.Pat, index) == MemoryType.WriteBack ? AnyOtherBits << index : 0;
        }
    }

    /// <summary>Whether the data caches may hold what an access through a translation reads or writes.</summary>
    /// <param name="translation">A translation with the PAT's part; not a fault.</param>
    /// <remarks>
    /// As <see cref="TypeOf(WalkResult)"/>, except that MTRRs which software never enabled say nothing: a machine that no
    /// firmware has set up is timed as if all its memory were write-back.
    /// </remarks>
    public bool IsCached(WalkResult translation) =>
        (_patDecides && translation.PatType == MemoryType.WriteBack)
        || IsCached(translation.PhysicalAddress, translation.PatType, translation.Attributes);

    /// <summary>The same for a table that a walk reads.</summary>
    /// <param name="address">Physical address of the entry read.</param>
    /// <param name="parent">The entry above it.</param>
    public bool IsTableCached(ulong address, ulong parent) =>
        IsPlainTable(parent) || IsCached(address, PatOfTable(parent), (PageAttributes)(parent & TableBits));

    /// <summary>Type of an access through a translation.</summary>
    /// <param name="translation">A translation with the PAT's part; not a fault.</param>
    public MemoryType TypeOf(WalkResult translation) =>
        TypeOf(translation.PhysicalAddress, translation.PatType, translation.Attributes);

    /// <summary>Type of the access that a walk makes to a table, which the entry above it decides.</summary>
    /// <param name="bus">The memory; nothing is written to it.</param>
    /// <param name="linear">The address that is translated.</param>
    /// <param name="level">Which entry is read: a PDE or a PTE.</param>
    /// <returns>The type, or null where the walk does not get to such an entry.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="level"/> is neither.</exception>
    public MemoryType? TypeOfTableRead<TBus>(TBus bus, uint linear, WalkLevel level)
        where TBus : struct, IBus
    {
        if (level is not (WalkLevel.Pde or WalkLevel.Pte))
        {
            throw new ArgumentOutOfRangeException(nameof(level), level, "A walk reads a PDE and a PTE.");
        }

        var readOnly = new ReadOnlyBus<TBus>(bus);
        var observer = default(TableReadObserver);
        PageWalker.Walk(ref readOnly, ref observer, in control.State, linear, Access.SupervisorRead);
        if (!observer.TryGet(level, control.State.Parent(linear), out ulong address, out ulong parent))
        {
            return null;
        }

        return TypeOf(address, PatOfTable(parent), (PageAttributes)(parent & TableBits));
    }

    private MemoryType PatOfTable(ulong parent) => MemoryTypes.PatEntry(control.Pat, MemoryTypes.PatIndexOfTable(parent));

    [MethodImpl(MethodImplOptions.NoInlining)] // rare: keeps the usual case small
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
