using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using X86Pae.Memory;

namespace X86Pae.Bench.HotPaths;

/// <summary>The floor of a walk: three loads from one array, three tests of P. No rights, no reserved bits, no flags.</summary>
internal sealed class ThreeLoadWalk
{
    private const ulong Frame = 0x000F_FFFF_FFFF_F000;

    private readonly ulong[] _memory = new ulong[GuestTables.TablesEnd / sizeof(ulong)];

    public ThreeLoadWalk()
    {
        var bus = new SpanBus(MemoryMarshal.AsBytes(_memory.AsSpan()));
        GuestTables.Build(ref bus);
    }

    /// <summary>Walks for every address.</summary>
    [MethodImpl(CompiledOnce.AndForAll)]
    public ulong TranslateAll<TAddressing>(uint[] addresses, TAddressing addressing)
        where TAddressing : struct, IAddressing
    {
        ulong digest = 0;
        foreach (uint address in addresses)
        {
            digest ^= Translate(addressing.Next(address, (uint)digest));
        }

        return digest;
    }

    /// <summary>The physical address of a linear one, or all ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a floor has no call
    private ulong Translate(uint linear)
    {
        ulong[] memory = _memory;
        ulong pdpte = memory[(GuestTables.Pdpt / sizeof(ulong)) + (linear >> 30)];
        if ((pdpte & 1) == 0)
        {
            return ulong.MaxValue;
        }

        ulong pde = memory[((pdpte & Frame) / sizeof(ulong)) + ((linear >> 21) & 511)];
        if ((pde & 1) == 0)
        {
            return ulong.MaxValue;
        }

        ulong pte = memory[((pde & Frame) / sizeof(ulong)) + ((linear >> 12) & 511)];
        return (pte & 1) == 0 ? ulong.MaxValue : (pte & Frame) | (linear & 0xFFF);
    }
}
