using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Explaining;

/// <summary>
/// Explains translations from registers and memory alone. <c>Mmu.Explain</c> takes the translation caches into account.
/// </summary>
/// <remarks>
/// An explanation changes nothing, neither a flag in memory nor a register. It reads the entries of the walk and the four PDPTEs;
/// a device behind a table address sees these loads. It allocates, and is made for people and not for every access.
/// </remarks>
public static class WalkExplainer
{
    // No rights deny this access, so its walk finds the page whatever the rights are.
    private static readonly Access NeverDenied = new(AccessKind.Read, AccessMode.Supervisor, alignmentCheck: true);

    /// <summary>Explains one access over a bare buffer.</summary>
    /// <param name="memory">Guest RAM; index 0 is physical address 0. Beyond its end every byte reads as FFh.</param>
    /// <param name="control">Registers of the processor.</param>
    /// <param name="linear">Byte address, any alignment.</param>
    /// <param name="access">What the access does, and on whose behalf.</param>
    /// <returns>The result that <see cref="PageWalker"/> gives, with everything that led to it.</returns>
    /// <exception cref="ArgumentException"><paramref name="memory"/> is empty.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="control"/> is null.</exception>
    public static WalkExplanation Explain(Span<byte> memory, ControlRegisters control, uint linear, Access access)
    {
        var bus = new SpanBus(memory);
        return Explain(ref bus, control, linear, access);
    }

    /// <summary>Explains one access over any bus.</summary>
    /// <typeparam name="TBus">The memory.</typeparam>
    /// <param name="bus">The memory.</param>
    /// <param name="control">Registers of the processor.</param>
    /// <param name="linear">Byte address, any alignment.</param>
    /// <param name="access">What the access does, and on whose behalf.</param>
    /// <returns>The result that <see cref="PageWalker"/> gives, with everything that led to it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="control"/> is null.</exception>
    public static WalkExplanation Explain<TBus>(ref TBus bus, ControlRegisters control, uint linear, Access access)
        where TBus : struct, IBus, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(control);
        return Explain(ref bus, control, linear, access, caches: null, TlbPermissionMiss.Rewalk);
    }

    /// <summary>Explains one access that may be decided by translation caches.</summary>
    internal static WalkExplanation Explain<TBus>(
        ref TBus bus,
        ControlRegisters control,
        uint linear,
        Access access,
        TranslationCaches? caches,
        TlbPermissionMiss permissionMiss)
        where TBus : struct, IBus, allows ref struct
    {
        var reader = new ReadOnlyBus<TBus>(bus);
        PagingMode mode = control.State.Mode;
        WalkPath tables = WalkTables(ref reader, control, linear, access);
        CacheContents? contents = caches is null ? null : ContentsOf(caches, control, linear, access, tables);
        WalkPath? fromPdeCache = mode != PagingMode.None && contents?.Pde is { } cachedPde
            ? WalkFromPde(ref reader, control, linear, access, tables, cachedPde.Raw)
            : null;
        CachedTranslation? cached = access.IsFetch ? contents?.Instruction : contents?.Data;

        TranslationSource source = mode == PagingMode.None ? TranslationSource.Identity
            : cached is { } held && Serves(control, access, held, permissionMiss) ? TranslationSource.Tlb
            : cached is null && fromPdeCache is not null ? TranslationSource.PdeCache
            : TranslationSource.Tables;
        WalkPath decided = source switch
        {
            TranslationSource.Tlb => FromTlb(control, linear, access, cached!.Value),
            TranslationSource.PdeCache => fromPdeCache!,
            _ => tables,
        };

        ExplainedEntry? register = tables.Entries is [{ Source: EntrySource.Register } first, ..] ? first : null;
        var explanation = new WalkExplanation(ControlValues.Of(control))
        {
            Linear = linear,
            Access = access,
            Tables = tables,
            PdpteInMemory = register is null ? null : reader.LoadEntry64(register.Address),
            Caches = contents,
            FromPdeCache = fromPdeCache,
            Source = source,
            Result = caches is null || source == TranslationSource.Tlb ? decided.Result : Typed(control, decided.Result),
            Reasons = decided.Reasons,
            Hints = [],
        };
        return explanation with { Hints = HintFinder.Find(ref reader, control, explanation) };
    }

    private static WalkPath WalkTables<TBus>(
        ref ReadOnlyBus<TBus> reader, ControlRegisters control, uint linear, Access access)
        where TBus : struct, IBus, allows ref struct
    {
        ref readonly PagingState state = ref control.State;
        var decoder = new EntryDecoder(control, linear);
        var entries = new List<ExplainedEntry>();
        if (state.Mode == PagingMode.Pae && !state.PdpteOnDemand)
        {
            ulong address = (state.TableBase + ((linear >> 27) & 0x18)) & state.AddressMask;
            ulong register = state.Pdptes[(int)(linear >> 30)];
            entries.Add(decoder.Decode(WalkLevel.Pdpte, EntrySource.Register, address, register, above: null));
        }

        var loaded = new List<(WalkLevel Level, ulong Address, ulong Raw)>();
        var collector = new EntryCollector(loaded);
        WalkResult translation = PageWalker.Walk(ref reader, ref collector, in state, linear, NeverDenied);
        Append(entries, decoder, loaded);
        return Conclude(control, linear, access, entries, translation);
    }

    private static WalkPath WalkFromPde<TBus>(
        ref ReadOnlyBus<TBus> reader, ControlRegisters control, uint linear, Access access, WalkPath tables, ulong pde)
        where TBus : struct, IBus, allows ref struct
    {
        ref readonly PagingState state = ref control.State;
        var decoder = new EntryDecoder(control, linear);
        ulong address = tables.Entries.FirstOrDefault(entry => entry.Level == WalkLevel.Pde)?.Address ?? 0;
        List<ExplainedEntry> entries = [decoder.Decode(WalkLevel.Pde, EntrySource.PdeCache, address, pde, above: null)];
        var loaded = new List<(WalkLevel Level, ulong Address, ulong Raw)>();
        var collector = new EntryCollector(loaded);
        WalkResult translation = state.Mode == PagingMode.Pae
            ? PageWalker.WalkTable(ref reader, ref collector, in state, linear, NeverDenied, pde)
            : TwoLevelWalker.WalkTable(ref reader, ref collector, in state, linear, NeverDenied, (uint)pde);
        Append(entries, decoder, loaded);
        return Conclude(control, linear, access, entries, translation);
    }

    private static void Append(
        List<ExplainedEntry> entries, EntryDecoder decoder, List<(WalkLevel Level, ulong Address, ulong Raw)> loaded)
    {
        foreach ((WalkLevel level, ulong address, ulong raw) in loaded)
        {
            entries.Add(decoder.Decode(level, EntrySource.Memory, address, raw, entries.LastOrDefault()));
        }
    }

    private static WalkPath Conclude(
        ControlRegisters control, uint linear, Access access, List<ExplainedEntry> entries, WalkResult translation)
    {
        ref readonly PagingState state = ref control.State;
        WalkResult result;
        IReadOnlyList<FaultReason> reasons = [];
        if (translation.IsFault)
        {
            result = PageWalker.Fault(in state, linear, access, translation.Fault.ErrorCode);
            reasons = [FaultRules.Structural(state.Mode, entries[^1])];
        }
        else if (state.Mode != PagingMode.None && AccessRights.Denies(state.Denied, access, translation.Attributes))
        {
            result = PageWalker.Fault(in state, linear, access, PageFaultErrorCode.Present);
            reasons = FaultRules.Rights(control, access, entries);
        }
        else
        {
            PageAttributes dirty = access.IsWrite ? PageAttributes.Dirty : PageAttributes.None;
            result = WalkResult.Translated(translation.PhysicalAddress, translation.Attributes | dirty);
        }

        return new WalkPath { Entries = entries, Translation = translation, Result = result, Reasons = reasons };
    }

    private static bool Serves(
        ControlRegisters control, Access access, CachedTranslation cached, TlbPermissionMiss permissionMiss)
    {
        bool clean = access.IsWrite && (cached.Attributes & PageAttributes.Dirty) == 0;
        return AccessRights.Denies(control.State.Denied, access, cached.Attributes)
            ? permissionMiss == TlbPermissionMiss.FaultNow
            : !clean;
    }

    private static WalkPath FromTlb(ControlRegisters control, uint linear, Access access, CachedTranslation cached)
    {
        WalkResult translation = WalkResult.Translated(cached.PhysicalAddress, cached.Attributes).WithPatType(cached.PatType);
        bool denied = AccessRights.Denies(control.State.Denied, access, cached.Attributes);
        return new WalkPath
        {
            Entries = [],
            Translation = translation,
            Result = denied ? PageWalker.Fault(in control.State, linear, access, PageFaultErrorCode.Present) : translation,
            Reasons = denied ? FaultRules.Rights(control, access, cached.Attributes) : [],
        };
    }

    // A cached translation has the type of the PAT; a bare walk has not.
    private static WalkResult Typed(ControlRegisters control, WalkResult result) => result.IsFault
        ? result
        : result.WithPatType(MemoryTypes.PatTypeOf(control.Pat, result.Attributes));

    private static CacheContents ContentsOf(
        TranslationCaches caches, ControlRegisters control, uint linear, Access access, WalkPath tables)
    {
        CachedPde? cachedPde = null;
        ulong pde = caches.PeekPde(linear, out uint stamp);
        if (pde != 0)
        {
            ExplainedEntry? inMemory = tables.Entries.FirstOrDefault(entry => entry.Level == WalkLevel.Pde);
            bool stale = inMemory is null || ((inMemory.Raw ^ pde) & ~EntryBits.Accessed) != 0;
            cachedPde = new CachedPde(pde, Numbered(stamp), Numbered(caches.Fills - stamp), stale);
        }

        return new CacheContents(Side(access.IsFetch ? Access.SupervisorRead : access), Side(Access.SupervisorFetch), cachedPde);

        uint? Numbered(uint count) => caches.NumbersFills ? count : null;

        CachedTranslation? Side(Access user) => caches.TryPeek(linear, user, out WalkResult held, out uint number)
            ? new CachedTranslation(
                held.PhysicalAddress,
                held.Attributes,
                held.PatType,
                Numbered(number),
                Numbered(caches.Fills - number),
                Differs(held, Typed(control, tables.Translation)))
            : null;
    }

    private static bool Differs(WalkResult cached, WalkResult inMemory)
    {
        PageAttributes changed = cached.Attributes ^ inMemory.Attributes;
        PageAttributes harmless = inMemory.Attributes & PageAttributes.Dirty;
        return inMemory.IsFault || cached.PhysicalAddress != inMemory.PhysicalAddress || cached.PatType != inMemory.PatType
            || (changed & ~harmless) != 0;
    }
}

/// <summary>Collects the entries that a walk loads.</summary>
/// <param name="loaded">Receives the entries in the order of the loads.</param>
internal readonly struct EntryCollector(List<(WalkLevel Level, ulong Address, ulong Raw)> loaded) : IWalkObserver
{
    /// <inheritdoc/>
    public void EntryLoaded(WalkLevel level, ulong address, ulong entry) => loaded.Add((level, address, entry));

    /// <inheritdoc/>
    public void EntryUpdated(WalkLevel level, ulong address, ulong entry)
    {
    }
}
