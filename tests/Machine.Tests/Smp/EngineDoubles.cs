using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Tests.Smp;

/// <summary>Runs a list of operations on each processor, then halts it.</summary>
internal readonly struct ListProgram(ProcessorOperation[]?[] operations) : IProgram
{
    private readonly int[] _next = new int[operations.Length];

    public ProcessorOperation NextOperation(Processor processor)
    {
        ProcessorOperation[] mine = operations[processor.Index] ?? [];
        int next = _next[processor.Index]++;
        return next < mine.Length ? mine[next] : ProcessorOperation.Halt;
    }
}

/// <summary>Spends so many cycles on each processor, and remembers the order.</summary>
internal struct ChargingHandler(int[] cycles) : IInterruptHandler
{
    public List<int> Order { get; } = [];

    public readonly void Handle(Processor processor)
    {
        Order.Add(processor.Index);
        processor.Clock.Charge(CycleAccount.Flush, cycles[processor.Index]);
    }
}
