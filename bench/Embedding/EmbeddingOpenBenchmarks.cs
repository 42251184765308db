using BenchmarkDotNet.Attributes;
using X86Pae.Memory;

namespace X86Pae.Bench.Embedding;

/// <summary>Opening a large guest: 64 GiB of memory, a thousand pages of it touched, far from each other.</summary>
[BenchmarkCategory("Embedding")]
public class EmbeddingOpenBenchmarks
{
    private const ulong SizeInBytes = 64UL << 30;
    private const int Pages = 1000;

    private GuestMemory? _memory;

    [Benchmark]
    public long OpenAndTouch()
    {
        _memory = new GuestMemory(SizeInBytes);
        var bus = new RamBus(_memory);
        for (ulong i = 0; i < Pages; i++)
        {
            bus.Store(i * (SizeInBytes / Pages) & ~7UL, i);
        }

        return _memory.ResidentPages;
    }
}
