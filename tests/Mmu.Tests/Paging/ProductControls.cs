using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>One of the 64 control states of a product; the sixth flag is EFER.NXE with PAE, CR4.PSE without.</summary>
internal readonly record struct ProductControls(bool WriteProtect, bool Smep, bool Smap, bool Pge, bool Pat, bool Sixth)
{
    /// <summary>Width of physical addresses in every product.</summary>
    public const int MaxPhyAddr = 36;

    /// <summary>Number of states.</summary>
    public const int Count = 64;

    public static ProductControls FromIndex(int index) => new(
        (index & 1) != 0, (index & 2) != 0, (index & 4) != 0, (index & 8) != 0, (index & 16) != 0, (index & 32) != 0);

    /// <summary>Registers in this state, with paging on and the tables at <paramref name="cr3"/>.</summary>
    public ControlRegisters Create(byte[] memory, uint cr3, bool pae, FaultAccessedPolicy policy)
    {
        var features = new CpuFeatures { MaxPhyAddr = MaxPhyAddr, Pat = Pat, Nx = true, Smep = true, Smap = true };
        var registers = new ControlRegisters(features, new PagingOptions { FaultAccessedPolicy = policy });
        var bus = new SpanBus(memory);
        Cr4 cr4 = (Smep ? Cr4.SupervisorExecutionPrevention : 0)
            | (Smap ? Cr4.SupervisorAccessPrevention : 0)
            | (Pge ? Cr4.PageGlobalEnable : 0)
            | (pae ? Cr4.PhysicalAddressExtension : Sixth ? Cr4.PageSizeExtensions : 0);
        bool refused = registers.WriteEfer(pae && Sixth ? (ulong)Efer.ExecuteDisableEnable : 0) is null
            | registers.WriteCr4((uint)cr4, ref bus) is null
            | registers.WriteCr3(cr3, ref bus) is null
            | registers.WriteCr0(0x8000_0001 | (WriteProtect ? 0x1_0000u : 0), ref bus) is null;
        Assert.False(refused);
        return registers;
    }
}
