// The machine that the walk vectors were recorded on, as far as a case can see it:
//
//   physical 100000h   an empty page-directory-pointer table: paging is on before the case begins
//            101000h   the case's page-directory-pointer table: pdpte in entry linear[31:30]
//            102000h   the page directory: pde in entry linear[29:21]
//            103000h   the page table: pte in entry linear[20:12], next_pte in the one after it
//
//   The recording program ran from a mapping of its own in entry 0. Nothing is executed from there here, so that entry is
//   absent: it can neither refuse the CR3 load nor lend its directory to a case.

using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Cli.Walks;

/// <summary>Makes single accesses on the emulated hardware, each in a memory that is empty but for its path.</summary>
internal sealed class BareMachine
{
    private const uint EmptyPointerTable = 0x10_0000;
    private const uint PointerTable = 0x10_1000;
    private const uint Directory = 0x10_2000;
    private const uint Table = 0x10_3000;
    private const uint PageSize = 0x1000;
    private const uint EntrySize = 8;

    // The recorders let a CR3 load pass with any of these bits in a PDPTE, even where MAXPHYADDR is 36: the one checks the 40
    // bits it was compiled for, the other checks nothing at the load. Both then fault in the walk.
    private const int PdpteLoadWidth = 40;

    private readonly ControlRegisters _registers;
    private readonly byte[] _store = [0x11, 0x22, 0x33, 0x44];
    private RamBus _bus;

    /// <summary>Builds the machine; everything that a frame of at most 40 bits can address is RAM.</summary>
    /// <param name="features">The processor.</param>
    public BareMachine(CpuFeatures features)
    {
        _registers = new ControlRegisters(features, new PagingOptions { PdpteLoadWidth = Math.Max(PdpteLoadWidth, features.MaxPhyAddr) });
        _bus = new RamBus(new GuestMemory(Math.Min(1UL << features.MaxPhyAddr, GuestMemory.MaxSizeInBytes)));
    }

    /// <summary>Sets tables and control registers, makes the access, and looks at what came of it.</summary>
    /// <param name="input">The access; its settings are among those that the processor supports.</param>
    public WalkOutcome Run(in WalkInput input)
    {
        SetEntries(input.Linear, input.Entries);
        EnablePaging(in input);
        return _registers.WriteCr3(PointerTable, ref _bus) is null
            ? Finish(in input, WalkEnding.GeneralProtection)
            : Access(in input);
    }

    private static ulong PdpteAddress(uint linear) => PointerTable + (EntrySize * (linear >> 30));

    private static ulong PdeAddress(uint linear) => Directory + (EntrySize * ((linear >> 21) & 0x1FF));

    private static ulong PteAddress(uint linear) => Table + (EntrySize * ((linear >> 12) & 0x1FF));

    private static bool HasNextPte(uint linear) => PteAddress(linear) + EntrySize < Table + PageSize;

    private static void Require(Invalidation? dropped)
    {
        if (dropped is null)
        {
            throw new InvalidOperationException("The processor refuses a setting that it supports.");
        }
    }

    // Paging is on, with no page present, before the case's tables are loaded: so it is the CR3 load that checks the PDPTEs.
    private void EnablePaging(in WalkInput input)
    {
        Cr4 cr4 = Cr4.PhysicalAddressExtension
            | (input.GlobalPages ? Cr4.PageGlobalEnable : 0)
            | (input.Smep ? Cr4.SupervisorExecutionPrevention : 0)
            | (input.Smap ? Cr4.SupervisorAccessPrevention : 0);
        Cr0 cr0 = Cr0.ProtectionEnable | Cr0.Paging | (input.WriteProtect ? Cr0.WriteProtect : 0);

        _registers.Reset();
        Require(_registers.WriteEfer(input.NoExecute ? (ulong)Efer.ExecuteDisableEnable : 0));
        Require(_registers.WriteCr4((uint)cr4, ref _bus));
        Require(_registers.WriteCr3(EmptyPointerTable, ref _bus));
        Require(_registers.WriteCr0((uint)cr0, ref _bus));
    }

    private WalkOutcome Access(in WalkInput input)
    {
        var access = new Access(input.Kind, input.Mode, input.AlignmentCheck);
        int bytesInFirstPage = (int)Math.Min((uint)input.SizeInBytes, PageSize - (input.Linear % PageSize));
        bool crosses = bytesInFirstPage < input.SizeInBytes;

        WalkResult first = PageWalker.Walk(ref _bus, in _registers.State, input.Linear, access);
        if (first.IsFault)
        {
            return Fault(in input, first.Fault);
        }

        WalkResult second = default;
        if (crosses)
        {
            second = PageWalker.Walk(ref _bus, in _registers.State, input.Linear + (uint)bytesInFirstPage, access);
            if (second.IsFault)
            {
                return Fault(in input, second.Fault);
            }
        }

        // Only now, with both pages translated, may anything be written.
        if (input.Kind == AccessKind.Write)
        {
            return Store(in input, _store.AsSpan(0, bytesInFirstPage), first, _store.AsSpan(bytesInFirstPage), second);
        }

        ulong? frame = input.Kind == AccessKind.Read ? first.PhysicalAddress & ~(ulong)(PageSize - 1) : null;
        return Finish(in input, WalkEnding.Ok, frame: frame);
    }

    private WalkOutcome Fault(in WalkInput input, PageFault fault)
    {
        _registers.Cr2 = fault.Cr2;
        return Finish(in input, WalkEnding.PageFault, (uint)fault.ErrorCode);
    }

    private WalkOutcome Store(
        in WalkInput input, ReadOnlySpan<byte> head, WalkResult first, ReadOnlySpan<byte> tail, WalkResult second)
    {
        ReadOnlySpan<byte> zeros = [0, 0, 0, 0];
        _bus.Write(first.PhysicalAddress, head);
        _bus.Write(second.PhysicalAddress, tail);
        WalkOutcome outcome = Finish(in input, WalkEnding.Ok);

        // A page may map one of the tables, so what was stored must go like the entries.
        _bus.Write(first.PhysicalAddress, zeros[..head.Length]);
        _bus.Write(second.PhysicalAddress, zeros[..tail.Length]);
        return outcome;
    }

    // Takes the entries as they are now, and leaves the tables empty for the next case.
    private WalkOutcome Finish(in WalkInput input, WalkEnding ending, uint errorCode = 0, ulong? frame = null)
    {
        var outcome = new WalkOutcome(ending, errorCode, _registers.Cr2, frame, Entries(input.Linear));
        SetEntries(input.Linear, default);
        return outcome;
    }

    private PathEntries Entries(uint linear) => new(
        _bus.LoadEntry64(PdpteAddress(linear)),
        _bus.LoadEntry64(PdeAddress(linear)),
        _bus.LoadEntry64(PteAddress(linear)),
        HasNextPte(linear) ? _bus.LoadEntry64(PteAddress(linear) + EntrySize) : 0);

    private void SetEntries(uint linear, PathEntries entries)
    {
        _bus.Store(PdpteAddress(linear), entries.Pdpte);
        _bus.Store(PdeAddress(linear), entries.Pde);
        _bus.Store(PteAddress(linear), entries.Pte);
        if (HasNextPte(linear))
        {
            _bus.Store(PteAddress(linear) + EntrySize, entries.NextPte);
        }
    }
}
