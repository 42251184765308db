using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Replay;
using X86Pae.Kmap.Traces;
using X86Pae.Timing;

namespace X86Pae.Kmap.Tests.Replay;

public sealed class TraceReplayTests
{
    [Theory]
    [InlineData("forkio-4cpu.ftrace.gz", 29_906, 0, 0)]
    [InlineData("fs-4cpu-preempt.ftrace.gz", 12_702, 1_017, 0)]
    public void Replay_RecordedKernel_ReproducesEveryAddress(string recording, long local, long pool, long flushes)
    {
        using MappingTrace trace = MappingTrace.Open(TestData.PathOf("kmap", recording));
        List<ReplayFailure> failures = [];
        var replay = new TraceReplay(GuestKernel.Boot(CpuModels.CoreDuo, 4), failures.Add);
        while (trace.TryRead(out MappingOperation operation))
        {
            replay.Step(in operation);
        }

        ReplaySummary summary = replay.Summarise();
        Assert.Empty(failures);
        Assert.Equal((local, pool, flushes, local + pool + flushes, 0),
            (summary.LocalAddresses, summary.PoolAddresses, summary.PoolFlushes, summary.Passed, summary.Failed));
    }
}
