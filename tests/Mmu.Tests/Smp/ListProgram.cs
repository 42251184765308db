using X86Pae.Smp;

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
