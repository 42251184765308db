using System.Runtime.CompilerServices;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Bench.HotPaths;

/// <summary>The loops around what is measured: every result goes into a digest, so that none can be left out.</summary>
internal static class MmuLoops
{
    /// <summary>Translates as supervisor reads.</summary>
    [MethodImpl(CompiledOnce.AndForAll)]
    public static ulong TranslateAll<TTiming>(Mmu<RamBus, TTiming> mmu, uint[] addresses)
        where TTiming : struct, ITiming
    {
        Access access = Access.SupervisorRead;
        ulong digest = 0;
        foreach (uint address in addresses)
        {
            digest ^= mmu.Translate(address, access).PhysicalAddress;
        }

        return digest;
    }

    /// <summary>Loads four bytes as supervisor reads.</summary>
    [MethodImpl(CompiledOnce.AndForAll)]
    public static uint ReadAll<TTiming, TAddressing>(Mmu<RamBus, TTiming> mmu, uint[] addresses, TAddressing addressing)
        where TTiming : struct, ITiming
        where TAddressing : struct, IAddressing
    {
        Access access = Access.SupervisorRead;
        uint digest = 0;
        foreach (uint address in addresses)
        {
            if (!mmu.Read(addressing.Next(address, digest), access, out uint value).IsFault)
            {
                digest ^= value;
            }
        }

        return digest;
    }

    /// <summary>INVLPG of every address.</summary>
    [MethodImpl(CompiledOnce.AndForAll)]
    public static void InvalidateAll<TTiming>(Mmu<RamBus, TTiming> mmu, uint[] addresses)
        where TTiming : struct, ITiming
    {
        foreach (uint address in addresses)
        {
            mmu.Invlpg(address);
        }
    }

    /// <summary>MOV to CR3 with the value it has, over and over.</summary>
    /// <returns>Whether all were legal.</returns>
    [MethodImpl(CompiledOnce.AndForAll)]
    public static bool ReloadCr3<TTiming>(Mmu<RamBus, TTiming> mmu, int times)
        where TTiming : struct, ITiming
    {
        bool legal = true;
        for (int i = 0; i < times; i++)
        {
            legal &= mmu.WriteCr3(GuestTables.Pdpt);
        }

        return legal;
    }
}
