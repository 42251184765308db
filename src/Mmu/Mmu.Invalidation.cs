using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae;

/// <content>What drops translations: INVLPG, INVPCID, flushes by the host, and what other processors have asked for.</content>
public sealed partial class Mmu<TBus, TTiming>
{
    /// <summary>INVLPG: drops the page of an address, global or not, whole if it is a large one, and the PDE cache.</summary>
    /// <param name="linear">Any address in the page; it is not translated.</param>
    public void Invlpg(uint linear)
    {
        _timing.PageInvalidated();
        FlushPage(linear);
    }

    /// <summary>Drops what <see cref="Invlpg"/> drops.</summary>
    /// <param name="linear">Any address in the page.</param>
    /// <remarks>No instruction of the guest, and charged to none.</remarks>
    public void FlushPage(uint linear)
    {
        _owner.Check();
        _caches.InvalidatePage(linear);
    }

    /// <summary>Drops every translation, as a host does that has changed guest memory or tables behind the guest's back.</summary>
    /// <remarks>No instruction of the guest, and charged to none.</remarks>
    public void FlushAll()
    {
        _owner.Check();
        _caches.FlushAll();
    }

    /// <summary>Drops every translation but global ones.</summary>
    /// <remarks>No instruction of the guest, and charged to none. What is not modelled may drop global ones as well.</remarks>
    public void FlushNonGlobal()
    {
        _owner.Check();
        _caches.FlushNonGlobal();
    }

    /// <summary>Drops the translations of a page and nothing else, free of charge: as if it had never been used.</summary>
    /// <param name="linear">Any address in the page.</param>
    internal void DropPage(uint linear) => _caches.DropPage(linear);

    /// <summary>INVPCID, outside long mode, where every PCID is 0.</summary>
    /// <param name="type">The register operand: 0 one address, 1 one PCID, 2 everything, 3 everything but global translations.</param>
    /// <param name="descriptorLow">Bits 63:0 of the descriptor: PCID in 11:0. The caller has read it, as data.</param>
    /// <param name="descriptorHigh">Bits 127:64 of the descriptor: the linear address.</param>
    /// <returns>The exception instead, if any; CPL and mode are the caller's concern.</returns>
    public InstructionFault Invpcid(uint type, ulong descriptorLow, ulong descriptorHigh)
    {
        if (!Features.Invpcid)
        {
            return InstructionFault.UndefinedOpcode;
        }

        bool usesPcid = type <= 1;
        bool canonical = (ulong)((long)(descriptorHigh << 16) >> 16) == descriptorHigh;
        if (type > 3 || descriptorLow >> 12 != 0 || (usesPcid && descriptorLow != 0) || (type == 0 && !canonical))
        {
            return InstructionFault.GeneralProtection;
        }

        _owner.Check();
        _timing.PcidInvalidated();
        switch (type)
        {
            case 0 when descriptorHigh <= uint.MaxValue:
                _caches.InvalidateNonGlobalPage((uint)descriptorHigh);
                break;
            case 1 or 3:
                Apply(Invalidation.NonGlobal);
                break;
            case 2:
                Apply(Invalidation.All);
                break;
        }

        return InstructionFault.None;
    }

    /// <summary>Takes part in a log of invalidations that may be carried out later.</summary>
    /// <param name="log">The log.</param>
    /// <param name="reader">Number of this MMU among its readers.</param>
    internal void Join(InvalidationLog log, int reader)
    {
        _log = log;
        _logReader = reader;
    }

    /// <summary>The log has invalidations that this MMU's caches have not seen; they will, before they are used.</summary>
    internal void FallBehind()
    {
        _isBehind = true;
        _caches.ForgetRecent();
        if (_sibling is not null)
        {
            _sibling._isBehind = true; // what it fills may need the room that is to become free here
        }
    }

    /// <summary>Carries out what is in the log.</summary>
    internal void CatchUp()
    {
        if (_isBehind)
        {
            _isBehind = false;
            _log!.CatchUp(_logReader, _caches);
            _sibling?.CatchUp();
        }
    }
}
