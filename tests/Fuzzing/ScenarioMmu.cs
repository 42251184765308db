using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Fuzzing;

/// <summary>An MMU that reports where its data goes, or an untimed one, which is asked afterwards.</summary>
/// <remarks>
/// Only an untimed MMU uses its host cache, and it is told nothing of what passes through that. What it has just used it still
/// holds, so the translation after an access is the one the access took; the bytes are compared with memory there.
/// </remarks>
internal sealed class ScenarioMmu<TTiming>(Mmu<RamBus, TTiming> mmu, DataTrace trace) : IScenarioMmu
    where TTiming : struct, ITiming
{
    private const uint PageSize = 4096;

    public ref readonly PagingState State => ref mmu.State;

    public uint Cr0 => (uint)mmu.Cr0;

    public uint Cr3 => mmu.Cr3;

    public uint Cr4 => (uint)mmu.Cr4;

    public ulong Efer => (ulong)mmu.Efer;

    public ulong Pat => mmu.Pat;

    public DataTrace Trace => trace;

    public bool Write(StepKind register, ulong value) => register switch
    {
        StepKind.WriteCr0 => mmu.WriteCr0((uint)value),
        StepKind.WriteCr3 => mmu.WriteCr3((uint)value),
        StepKind.WriteCr4 => mmu.WriteCr4((uint)value),
        StepKind.WriteEfer => mmu.WriteEfer(value),
        _ => mmu.WritePat(value),
    };

    public TaskSwitchLoad SwitchTask(uint cr3) => mmu.SwitchTask(cr3);

    public void SetA20Masked(bool masked) => mmu.SetA20Masked(masked);

    public void Invlpg(uint linear) => mmu.Invlpg(linear);

    public InstructionFault Invpcid(uint type, ulong descriptorLow, ulong descriptorHigh) =>
        mmu.Invpcid(type, descriptorLow, descriptorHigh);

    public WalkResult Probe(uint linear, Access access) => mmu.Probe(linear, access);

    public WalkResult Translate(uint linear, Access access) => mmu.Translate(linear, access);

    public AccessResult Access(uint linear, Access access, ReadOnlySpan<byte> value, Span<byte> found)
    {
        trace.Clear();
        AccessResult result = Operand.Access(mmu, linear, access, value, found);
        Locate(result, linear, access, value.Length);
        return result;
    }

    public AccessResult CompareExchange(
        uint linear, Access access, int size, ulong expected, ulong desired, out bool swapped)
    {
        trace.Clear();
        AccessResult result = size == sizeof(ulong)
            ? mmu.CompareExchange(linear, access, expected, desired, out swapped)
            : mmu.CompareExchange(linear, access, (uint)expected, (uint)desired, out swapped);
        Locate(result, linear, access, size);
        return result;
    }

    private void Locate(AccessResult result, uint linear, Access access, int size)
    {
        if (typeof(TTiming) != typeof(NoTiming) || result.IsFault)
        {
            return;
        }

        trace.Add(mmu.Translate(linear, access).PhysicalAddress);
        uint last = linear + (uint)size - 1;
        if ((linear ^ last) >= PageSize)
        {
            trace.Add(mmu.Translate(last & ~(PageSize - 1), access).PhysicalAddress);
        }
    }
}
