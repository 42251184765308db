using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Embedding;

/// <summary>What a framework around CPU cores asks of one: try to translate, flush, flush a page.</summary>
/// <param name="mmu">The core's MMU.</param>
/// <param name="isUser">Whether the core runs at CPL 3.</param>
internal sealed class CpuWithMmu<TBus>(Mmu<TBus, NoTiming> mmu, Func<bool> isUser) : ICpuWithMmu
    where TBus : struct, IBus
{
    public uint PageSize => 4096;

    // A question from outside, so a probe: it sets no flag, fills nothing and delivers no fault.
    public bool TryTranslateAddress(ulong logicalAddress, MpuAccess access, out ulong physicalAddress)
    {
        physicalAddress = logicalAddress;
        if (logicalAddress > uint.MaxValue)
        {
            return false;
        }

        AccessKind kind = access switch
        {
            MpuAccess.Write => AccessKind.Write,
            MpuAccess.InstructionFetch => AccessKind.Fetch,
            _ => AccessKind.Read,
        };
        AccessMode mode = isUser() ? AccessMode.User : AccessMode.Supervisor;
        WalkResult result = mmu.Probe((uint)logicalAddress, new Access(kind, mode));
        if (!result.IsFault)
        {
            physicalAddress = result.PhysicalAddress;
        }

        return !result.IsFault;
    }

    public void FlushTlb() => mmu.FlushAll();

    public void FlushTlbPage(ulong address) => mmu.Invlpg((uint)address);
}
