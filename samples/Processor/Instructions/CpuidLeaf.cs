// The answers of CPUID. Intel SDM vol. 2, CPUID. They are computed from the features of the paging unit, to agree with it.
//
//   0           EAX 7 the highest leaf; vendor in EBX, EDX, ECX
//   1           EAX family 6; EDX features
//   7.0         EBX SMEP 7, INVPCID 10, SMAP 20; ECX UMIP 2
//   80000000h   EAX 80000008h the highest leaf
//   80000001h   EDX NX 20
//   80000008h   EAX width of physical addresses in 7:0, of linear addresses in 15:8
//   all others  0

using System.Runtime.InteropServices;
using X86Pae.Paging;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>The four registers that CPUID returns.</summary>
internal readonly record struct CpuidLeaf(uint Eax, uint Ebx, uint Ecx, uint Edx)
{
    private const uint FamilySix = 0x0000_06F0;

    private static ReadOnlySpan<byte> Vendor => "X86Pae Guest"u8;

    /// <summary>Computes an answer.</summary>
    /// <param name="features">Features of the processor.</param>
    /// <param name="leaf">EAX.</param>
    /// <param name="subleaf">ECX.</param>
    public static CpuidLeaf Of(CpuFeatures features, uint leaf, uint subleaf) => (leaf, subleaf) switch
    {
        (0, _) => VendorLeaf(),
        (1, _) => new CpuidLeaf(FamilySix, 0, 0, Basic(features)),
        (7, 0) => new CpuidLeaf(0, Bit(features.Smep, 7) | Bit(features.Invpcid, 10) | Bit(features.Smap, 20), Umip(features), 0),
        (0x8000_0000, _) => new CpuidLeaf(0x8000_0008, 0, 0, 0),
        (0x8000_0001, _) => new CpuidLeaf(0, 0, 0, Bit(features.Nx, 20)),
        (0x8000_0008, _) => new CpuidLeaf((uint)features.MaxPhyAddr | (32u << 8), 0, 0, 0),
        _ => default,
    };

    private static uint Basic(CpuFeatures features) =>
        Bit(Has(features, Cr4.DebuggingExtensions), 2) | Bit(features.Pse, 3) | Bit(Has(features, Cr4.TimeStampDisable), 4)
        | Bit(true, 5) // RDMSR
        | Bit(features.Pae, 6)
        | Bit(true, 8) // CMPXCHG8B
        | Bit(features.Mtrr, 12) | Bit(features.Pge, 13)
        | Bit(true, 15) // CMOV
        | Bit(features.Pat, 16) | Bit(features.Pse36, 17);

    private static uint Umip(CpuFeatures features) => Bit(Has(features, Cr4.UserModeInstructionPrevention), 2);

    private static bool Has(CpuFeatures features, Cr4 bit) => (features.OtherCr4 & bit) != 0;

    private static uint Bit(bool value, int number) => value ? 1u << number : 0;

    private static CpuidLeaf VendorLeaf()
    {
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(Vendor);
        return new CpuidLeaf(7, words[0], words[2], words[1]);
    }
}
