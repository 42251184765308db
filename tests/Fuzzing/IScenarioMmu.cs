using X86Pae.Paging;

namespace X86Pae.Fuzzing;

/// <summary>An MMU of the library as a scenario uses it, whatever it is told of its work.</summary>
internal interface IScenarioMmu
{
    ref readonly PagingState State { get; }

    uint Cr0 { get; }

    uint Cr3 { get; }

    uint Cr4 { get; }

    ulong Efer { get; }

    ulong Pat { get; }

    /// <summary>Where the data of the last access was.</summary>
    DataTrace Trace { get; }

    bool Write(StepKind register, ulong value);

    TaskSwitchLoad SwitchTask(uint cr3);

    void SetA20Masked(bool masked);

    void Invlpg(uint linear);

    InstructionFault Invpcid(uint type, ulong descriptorLow, ulong descriptorHigh);

    WalkResult Probe(uint linear, Access access);

    WalkResult Translate(uint linear, Access access);

    /// <summary>Reads, fetches, stores or flips bits, and traces the data; see <see cref="Operand"/>.</summary>
    AccessResult Access(uint linear, Access access, ReadOnlySpan<byte> value, Span<byte> found);

    /// <summary>A locked compare-exchange of 4 or 8 bytes; traces the data.</summary>
    AccessResult CompareExchange(uint linear, Access access, int size, ulong expected, ulong desired, out bool swapped);
}
