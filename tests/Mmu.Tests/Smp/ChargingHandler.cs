using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Tests.Smp;

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
