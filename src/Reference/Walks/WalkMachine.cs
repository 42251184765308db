// The machine that the walk vectors were recorded on, as far as a case can see it:
//
//   physical 100000h   an empty page-directory-pointer table: paging is on before the case begins
//            101000h   the case's page-directory-pointer table: pdpte in entry linear[31:30]
//            102000h   the page directory: pde in entry linear[29:21]
//            103000h   the page table: pte in entry linear[20:12], next_pte in the one after it
//
//   The recording program ran from a mapping of its own in entry 0. Nothing is executed from there here, so that entry is
//   absent: it can neither refuse the CR3 load nor lend its directory to a case.

using System.Buffers.Binary;
using X86Pae.Reference.Specification;

namespace X86Pae.Reference.Walks;

/// <summary>Makes single accesses on an MMU, each in a memory that is empty but for its path.</summary>
internal sealed class WalkMachine(IMmuAdapter mmu)
{
    private const uint EmptyPointerTable = 0x10_0000;
    private const uint PointerTable = 0x10_1000;
    private const uint Directory = 0x10_2000;
    private const uint Table = 0x10_3000;
    private const uint PageSize = 0x1000;
    private const uint EntrySize = 8;

    private readonly byte[] _store = [0x11, 0x22, 0x33, 0x44];

    /// <summary>Size of a memory that holds all tables, in bytes.</summary>
    public const ulong LeastMemorySizeInBytes = Table + PageSize;

    /// <summary>Where the last access went in its first page: the linear address and the physical one.</summary>
    public (uint Linear, ulong Physical) First { get; private set; }

    /// <summary>Where it went in its second page; the same as <see cref="First"/> if it has none, or has not got there.</summary>
    public (uint Linear, ulong Physical) Second { get; private set; }

    /// <summary>Sets tables and registers, makes the access, and looks at what came of it.</summary>
    /// <param name="input">The access; its settings are among those that the processor supports.</param>
    public WalkOutcome Run(in WalkInput input)
    {
        SetEntries(input.Linear, input.Entries);
        return EnablePaging(in input) && mmu.WriteRegister(SpecRegister.Cr3, PointerTable)
            ? Access(in input)
            : Finish(in input, WalkEnding.GeneralProtection);
    }

    /// <summary>The state of the specification right before the CR3 load of a case, in which it can be asked what is permitted.</summary>
    /// <param name="features">The processor.</param>
    /// <param name="input">The case.</param>
    public static SpecProcessor Specification(SpecFeatures features, in WalkInput input)
    {
        var memory = new SpecMemory((int)LeastMemorySizeInBytes, openBus: 0);
        foreach ((uint address, ulong entry) in Places(input.Linear, input.Entries))
        {
            memory.Store(address, (int)EntrySize, entry);
        }

        var processor = new SpecProcessor(features, new SpecOptions(), memory);
        foreach ((SpecRegister register, uint value) in PagingOn(in input))
        {
            processor.Write(register, value);
        }

        return processor;
    }

    /// <summary>Value of CR3 in each case.</summary>
    public static uint Cr3 => PointerTable;

    private static uint PdpteAddress(uint linear) => PointerTable + (EntrySize * (linear >> 30));

    private static uint PdeAddress(uint linear) => Directory + (EntrySize * ((linear >> 21) & 0x1FF));

    private static uint PteAddress(uint linear) => Table + (EntrySize * ((linear >> 12) & 0x1FF));

    private static bool HasNextPte(uint linear) => PteAddress(linear) + EntrySize < Table + PageSize;

    private static (uint Address, ulong Entry)[] Places(uint linear, PathEntries entries) =>
    [
        (PdpteAddress(linear), entries.Pdpte),
        (PdeAddress(linear), entries.Pde),
        (PteAddress(linear), entries.Pte),
        .. HasNextPte(linear) ? [(PteAddress(linear) + EntrySize, entries.NextPte)] : Array.Empty<(uint, ulong)>(),
    ];

    // Paging is on, with no page present, before the case's tables are loaded: so it is the CR3 load that checks the PDPTEs.
    private static (SpecRegister Register, uint Value)[] PagingOn(in WalkInput input)
    {
        const uint ProtectionEnable = 1;
        uint cr4 = 1u << 5 | Bit(input.GlobalPages, 7) | Bit(input.Smep, 20) | Bit(input.Smap, 21);
        uint cr0 = 1u << 31 | ProtectionEnable | Bit(input.WriteProtect, 16);
        return
        [
            (SpecRegister.Cr0, ProtectionEnable),
            (SpecRegister.Efer, Bit(input.NoExecute, 11)),
            (SpecRegister.Cr4, cr4),
            (SpecRegister.Cr3, EmptyPointerTable),
            (SpecRegister.Cr0, cr0),
        ];

        static uint Bit(bool value, int bit) => value ? 1u << bit : 0;
    }

    private bool EnablePaging(in WalkInput input)
    {
        foreach ((SpecRegister register, uint value) in PagingOn(in input))
        {
            if (!mmu.WriteRegister(register, value))
            {
                return false;
            }
        }

        return true;
    }

    private WalkOutcome Access(in WalkInput input)
    {
        int bytesInFirstPage = (int)Math.Min((uint)input.SizeInBytes, PageSize - (input.Linear % PageSize));
        SpecOutcome first = mmu.Translate(input.Linear, input.Access);
        First = Second = (input.Linear, first.PhysicalAddress);
        if (first.IsFault)
        {
            return Fault(in input, first);
        }

        SpecOutcome second = default;
        if (bytesInFirstPage < input.SizeInBytes)
        {
            uint next = input.Linear + (uint)bytesInFirstPage;
            second = mmu.Translate(next, input.Access);
            Second = (next, second.PhysicalAddress);
            if (second.IsFault)
            {
                return Fault(in input, second);
            }
        }

        // Only now, with both pages translated, may anything be written.
        if (input.Kind == SpecKind.Write)
        {
            return Store(in input, _store.AsSpan(0, bytesInFirstPage), first, _store.AsSpan(bytesInFirstPage), second);
        }

        ulong? frame = input.Kind == SpecKind.Read ? first.PhysicalAddress & ~(ulong)(PageSize - 1) : null;
        return Finish(in input, WalkEnding.Ok, frame: frame);
    }

    private WalkOutcome Fault(in WalkInput input, SpecOutcome fault) =>
        Finish(in input, WalkEnding.PageFault, fault.ErrorCode, fault.Cr2);

    private WalkOutcome Store(
        in WalkInput input, ReadOnlySpan<byte> head, SpecOutcome first, ReadOnlySpan<byte> tail, SpecOutcome second)
    {
        ReadOnlySpan<byte> zeros = [0, 0, 0, 0];
        Write(first.PhysicalAddress, head);
        Write(second.PhysicalAddress, tail);
        WalkOutcome outcome = Finish(in input, WalkEnding.Ok);

        // A page may map one of the tables, so what was stored must go like the entries.
        Write(first.PhysicalAddress, zeros[..head.Length]);
        Write(second.PhysicalAddress, zeros[..tail.Length]);
        return outcome;
    }

    private void Write(ulong address, ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            mmu.WritePhysical(address, bytes);
        }
    }

    // Takes the entries as they are now, and leaves the tables empty for the next case.
    private WalkOutcome Finish(in WalkInput input, WalkEnding ending, uint errorCode = 0, uint cr2 = 0, ulong? frame = null)
    {
        var outcome = new WalkOutcome(ending, errorCode, cr2, frame, Entries(input.Linear));
        SetEntries(input.Linear, default);
        return outcome;
    }

    private PathEntries Entries(uint linear) => new(
        Load(PdpteAddress(linear)),
        Load(PdeAddress(linear)),
        Load(PteAddress(linear)),
        HasNextPte(linear) ? Load(PteAddress(linear) + EntrySize) : 0);

    private void SetEntries(uint linear, PathEntries entries)
    {
        Store(PdpteAddress(linear), entries.Pdpte);
        Store(PdeAddress(linear), entries.Pde);
        Store(PteAddress(linear), entries.Pte);
        if (HasNextPte(linear))
        {
            Store(PteAddress(linear) + EntrySize, entries.NextPte);
        }
    }

    private ulong Load(uint address)
    {
        Span<byte> bytes = stackalloc byte[(int)EntrySize];
        mmu.ReadPhysical(address, bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private void Store(uint address, ulong entry)
    {
        Span<byte> bytes = stackalloc byte[(int)EntrySize];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, entry);
        mmu.WritePhysical(address, bytes);
    }
}
