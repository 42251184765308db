using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Replay;
using X86Pae.Kmap.Traces;
using X86Pae.Timing;

namespace X86Pae.Kmap.Tests.Replay;

public sealed class SmallRecordingReplayTests
{
    [Fact]
    public void Replay_NestedLocalMaps_AreReproduced()
    {
        var text = new TraceText();
        text.LocalMap(10, 2, 1).LocalMapped(10, 2, TraceText.Local(2, 0));
        text.LocalMap(10, 2, 2).LocalMapped(10, 2, TraceText.Local(2, 1));
        text.LocalUnmap(10, 2, TraceText.Local(2, 1) + 0x123).LocalUnmap(10, 2, TraceText.Local(2, 0));
        text.LocalUnmap(10, 2, 0xC012_3000);

        ReplaySummary summary = Passes(text, 2);

        Assert.Equal((2L, 0L, 0L), (summary.LocalAddresses, summary.PoolAddresses, summary.UnmapsOfEarlierMaps));
        Assert.Equal((8L, 2L, 0L), (summary.Kernel.EntryStores, summary.Invlpgs, summary.IpisSent));
    }

    [Fact]
    public void Replay_AlteredLocalAddress_FailsAtThatLineOnly()
    {
        var text = new TraceText();
        for (int i = 0; i < 20; i++)
        {
            text.LocalMap(10, 1, i).LocalMapped(10, 1, TraceText.Local(1, 0) + (i == 7 ? 0x1000u : 0));
            text.LocalUnmap(10, 1, TraceText.Local(1, 0));
        }

        (ReplaySummary summary, List<ReplayFailure> failures) = Replay(text);

        Assert.Equal(4 + (7 * 3) + 2, Assert.Single(failures).Line);
        Assert.Equal((20L, 19L, 1L), (summary.LocalAddresses, summary.Passed, summary.Failed));
    }

    [Fact]
    public void Replay_AlteredPoolAddress_FailsAtThatLineOnly()
    {
        var text = new TraceText();
        text.Turn(10, 0, 5, 1).Map(10, 0, 5).Mapped(10, 0, TraceText.Pool(7));
        int line = text.Line;
        text.Turn(10, 6, 5, 7);

        (ReplaySummary summary, List<ReplayFailure> failures) = Replay(text);

        Assert.Equal(line, Assert.Single(failures).Line);
        Assert.Equal((11L, 10L, 1L), (summary.PoolAddresses, summary.Passed, summary.Failed));
    }

    [Fact]
    public void Replay_PoolThatComesRound_FlushesAsRecorded()
    {
        TraceText text = UpToTheTurn().Map(11, 3, 600).FlushPool(11, 3, 3, 0, 2, 1).Mapped(11, 3, TraceText.Pool(0));

        ReplaySummary summary = Passes(text, 513);

        Assert.Equal((512L, 1L, 3L), (summary.PoolAddresses, summary.PoolFlushes, summary.IpisSent));
        Assert.Equal(4, summary.Kernel.FullFlushes);
    }

    [Fact]
    public void Replay_FlushWithoutOneCpu_FailsAtTheFlush()
    {
        TraceText text = UpToTheTurn().Map(11, 3, 600);
        int line = text.Line + 1;
        text.FlushPool(11, 3, 3, 0, 1).Mapped(11, 3, TraceText.Pool(0));

        Assert.Equal(line, Assert.Single(Replay(text).Failures).Line);
    }

    [Theory]
    [InlineData(0xFF00_1000, 0xFF20_0000)]
    [InlineData(0xFF00_0000, 0xFF1F_F000)]
    [InlineData(0xF7DF_E000, 0xF7FF_E000)]
    public void Replay_FlushOfAnotherRange_FailsAtTheFlush(uint start, uint end)
    {
        TraceText text = UpToTheTurn().Map(11, 3, 600);
        int line = text.Line + 1;
        text.FlushRange(11, 3, start, end).FlushAll(0, 0).FlushAll(0, 1).FlushAll(0, 2).FlushAll(11, 3);
        text.Mapped(11, 3, TraceText.Pool(0));

        Assert.Equal(line, Assert.Single(Replay(text).Failures).Line);
    }

    [Fact]
    public void Replay_FlushThatWasNotRecorded_FailsAtTheReturn()
    {
        TraceText text = UpToTheTurn().Map(11, 3, 600).Mapped(11, 3, TraceText.Pool(0));

        Assert.Equal(text.Line, Assert.Single(Replay(text).Failures).Line);
    }

    [Fact]
    public void Replay_FlushThatTheKernelDoesNotDo_FailsAtTheFlush()
    {
        TraceText text = new TraceText().Map(11, 3, 1);
        int line = text.Line + 1;
        text.FlushPool(11, 3, 0, 1, 2, 3).Mapped(11, 3, TraceText.Pool(1));

        Assert.Equal(line, Assert.Single(Replay(text).Failures).Line);
    }

    [Fact]
    public void Replay_OverlappingKmaps_TakeEffectInTheOrderOfTheirReturns()
    {
        TraceText text = new TraceText().Map(10, 0, 1).Map(11, 1, 2).Map(12, 2, 2)
            .Mapped(11, 1, TraceText.Pool(1)).Mapped(12, 2, TraceText.Pool(1)).Mapped(10, 0, TraceText.Pool(2));

        Passes(text, 3);
    }

    // Whoever flushes holds the lock until it has its slot: the other one comes after it though it returns first.
    [Fact]
    public void Replay_OverlappingKmapsOneOfWhichFlushes_TakeEffectInTheOrderOfTheFlush()
    {
        TraceText text = UpToTheTurn().Map(11, 1, 601).Map(12, 2, 600)
            .FlushPool(12, 2, 2, 0, 1, 3).Mapped(11, 1, TraceText.Pool(1)).Mapped(12, 2, TraceText.Pool(0));

        Passes(text, 514);
    }

    [Fact]
    public void Replay_OverlappingKmapThatReturnsBeforeTheFlush_TakesEffectBeforeIt()
    {
        var text = new TraceText();
        text.Turn(10, 0, 510, 1).Map(12, 2, 600).Map(11, 1, 601).Mapped(11, 1, TraceText.Pool(511))
            .FlushPool(12, 2, 0, 1, 2, 3).Mapped(12, 2, TraceText.Pool(0));

        Passes(text, 513);
    }

    // The flusher holds kmap_lock from before the reap. Whoever calls kunmap then, and is not heard of again before the flush,
    // waits for that lock: its slot is not reaped, and its page is found in it again.
    [Fact]
    public void Replay_KunmapThatWaitsForTheFlush_IsNotReaped()
    {
        var text = new TraceText();
        text.Turn(10, 0, 4, 1).Map(11, 1, 700).Mapped(11, 1, TraceText.Pool(5)).Turn(10, 4, 506, 6);
        text.Map(12, 2, 600).Unmap(11, 1, 700).FlushRange(12, 2).FlushAll(12, 2).FlushAll(11, 1).FlushAll(0, 0).FlushAll(0, 3);
        text.Mapped(12, 2, TraceText.Pool(0)).Map(10, 0, 700).Mapped(10, 0, TraceText.Pool(5)).Unmap(10, 0, 700);
        text.Map(10, 0, 701).Mapped(10, 0, TraceText.Pool(1));

        Passes(text, 515);
    }

    // Held back, it happens no earlier than what it waited for; otherwise every lock taken in between would be found held.
    [Fact]
    public void Operations_KunmapThatWaits_TimeNeverGoesBack()
    {
        TraceText text = new TraceText().Map(11, 1, 700).Mapped(11, 1, TraceText.Pool(1)).Map(12, 2, 600).Unmap(11, 1, 700);
        text.LocalMap(10, 0, 1).LocalMapped(10, 0, TraceText.Local(0, 0)).Mapped(12, 2, TraceText.Pool(2)).LocalMap(11, 1, 2);

        long[] times = [.. text.Operations().Select(operation => operation.Microseconds)];

        Assert.Contains(MappingOperationKind.PoolUnmap, text.Operations().Select(operation => operation.Kind));
        Assert.Equal(times.Order(), times);
    }

    [Fact]
    public void Replay_KunmapThatIsDoneBeforeTheFlush_IsReaped()
    {
        var text = new TraceText();
        text.Turn(10, 0, 4, 1).Map(11, 1, 700).Mapped(11, 1, TraceText.Pool(5)).Turn(10, 4, 506, 6);
        text.Map(12, 2, 600).Unmap(11, 1, 700).LocalMap(11, 1, 1).LocalMapped(11, 1, TraceText.Local(1, 0));
        text.FlushPool(12, 2, 0, 1, 2, 3).Mapped(12, 2, TraceText.Pool(0));
        text.Map(10, 0, 700).Mapped(10, 0, TraceText.Pool(1));

        Passes(text, 515);
    }

    [Fact]
    public void Replay_KunmapDuringAKmapThatDoesNotFlush_IsReplayed()
    {
        var text = new TraceText();
        text.Map(11, 1, 700).Mapped(11, 1, TraceText.Pool(1)).Map(12, 2, 600).Unmap(11, 1, 700).Mapped(12, 2, TraceText.Pool(2));

        ReplaySummary summary = Passes(text, 2);

        Assert.Equal(0, summary.UnmapsOfEarlierMaps);
        Assert.Equal(
            [MappingOperationKind.PoolUnmap],
            text.Operations().Select(operation => operation.Kind).Where(kind => kind is MappingOperationKind.PoolUnmap));
    }

    [Fact]
    public void Replay_KunmapDuringAKmapThatNeverReturns_IsReplayedAtTheEnd()
    {
        TraceText text = new TraceText().Map(11, 1, 700).Mapped(11, 1, TraceText.Pool(1)).Map(12, 2, 600).Unmap(11, 1, 700);

        Assert.Equal(MappingOperationKind.PoolUnmap, text.Operations()[^1].Kind);
    }

    // All slots in use: the task sleeps, and the kunmap that wakes it comes before its flush though it was in kmap all along.
    [Fact]
    public void Replay_KmapThatSleeps_IsServedAfterTheUnmapThatWakesIt()
    {
        var text = new TraceText();
        for (int i = 1; i < 512; i++)
        {
            text.Map(10, 0, i).Mapped(10, 0, TraceText.Pool(i));
        }

        text.Map(10, 0, 512).Mapped(10, 0, TraceText.Pool(0));
        text.Switch(2, 0, 12).Map(12, 2, 600).Switch(2, 12, 0).Unmap(10, 0, 33).Switch(2, 0, 12);
        text.FlushPool(12, 2, 0, 1, 2, 3).Mapped(12, 2, TraceText.Pool(33));

        Passes(text, 514);
    }

    [Fact]
    public void Replay_LocalMapThatMigratesOnTheWay_IsOfTheCpuItReturnsOn()
    {
        TraceText text = new TraceText().LocalMap(10, 0, 1).Switch(0, 10, 0).Switch(3, 0, 10)
            .LocalMapped(10, 3, TraceText.Local(3, 0));

        Passes(text, 1);
    }

    [Fact]
    public void Replay_PoolMappingHandedOver_IsGivenUpByAnotherTask()
    {
        TraceText text = new TraceText().Map(10, 0, 1).Mapped(10, 0, TraceText.Pool(1)).Unmap(11, 3, 1);

        ReplaySummary summary = Passes(text, 1);

        Assert.Equal(0, summary.UnmapsOfEarlierMaps);
        List<MappingOperation> operations = text.Operations();
        Assert.Equal(operations[0].Mapping, operations[^1].Mapping);
    }

    [Fact]
    public void Replay_UnmapsOfEarlierMaps_AreLeftOut()
    {
        TraceText text = new TraceText()
            .LocalUnmap(10, 0, TraceText.Local(0, 1)).LocalUnmap(10, 0, TraceText.Local(0, 0)).Unmap(11, 3, 1);

        ReplaySummary summary = Passes(text, 0);

        Assert.Equal((3L, 0L, 0L), (summary.UnmapsOfEarlierMaps, summary.Kernel.EntryStores, summary.Invlpgs));
    }

    [Fact]
    public void Replay_IdleTasksOfTwoCpus_AreTwoTasks()
    {
        TraceText text = new TraceText()
            .LocalMap(0, 0, 1, "..s1.").LocalMapped(0, 0, TraceText.Local(0, 0), "..s11")
            .LocalMap(0, 1, 2, "..s1.").LocalMapped(0, 1, TraceText.Local(1, 0), "..s11")
            .LocalUnmap(0, 0, TraceText.Local(0, 0)).LocalUnmap(0, 1, TraceText.Local(1, 0));

        Passes(text, 2);
    }

    [Fact]
    public void Replay_SwitchOfATaskWithMappings_TakesThemOutAndPutsThemBack()
    {
        TraceText text = new TraceText().LocalMap(10, 0, 1).LocalMapped(10, 0, TraceText.Local(0, 0))
            .Switch(0, 10, 11).LocalMap(11, 0, 2).LocalMapped(11, 0, TraceText.Local(0, 0))
            .LocalUnmap(11, 0, TraceText.Local(0, 0))
            .Switch(0, 11, 10).LocalMap(10, 0, 3).LocalMapped(10, 0, TraceText.Local(0, 1));

        ReplaySummary summary = Passes(text, 3);

        Assert.Equal((1L, 6 + 2 + 2 + 2L), (summary.SwitchesWithMappings, summary.Kernel.EntryStores));
    }

    // vunmap's purge on another task, alone and while a kmap is under way.
    [Fact]
    public void Replay_FlushOfTheVmallocArea_IsNotOneOfThePool()
    {
        var text = new TraceText();
        text.FlushRange(10, 0, 0xF7DF_E000, 0xF8DF_E000).FlushAll(10, 0).FlushAll(0, 1);
        text.Map(11, 1, 1).FlushRange(10, 0, 0xF7DF_E000, 0xF8DF_E000).FlushAll(10, 0).FlushAll(11, 1);
        text.Mapped(11, 1, TraceText.Pool(1));

        Assert.Equal(0, Passes(text, 1).PoolFlushes);
    }

    // An interrupt maps while its victim is between the probes of a kmap_local. Whether that has pushed already is told by the
    // migrate-disable column: it disables migration first.
    [Fact]
    public void Replay_InterruptThatMapsBeforeTheVictimHasPushed_IsBelowIt()
    {
        TraceText text = new TraceText().LocalMap(10, 1, 1)
            .LocalMap(10, 1, 2, "d.h..").LocalMapped(10, 1, TraceText.Local(1, 0), "d.h.1")
            .LocalUnmap(10, 1, TraceText.Local(1, 0), "d.h.1")
            .LocalMapped(10, 1, TraceText.Local(1, 0));

        Passes(text, 2);
    }

    [Fact]
    public void Replay_InterruptThatMapsAfterTheVictimHasPushed_IsAboveIt()
    {
        TraceText text = new TraceText().LocalMap(10, 1, 1)
            .LocalMap(10, 1, 2, "d.h.1").LocalMapped(10, 1, TraceText.Local(1, 1), "d.h.2")
            .LocalUnmap(10, 1, TraceText.Local(1, 1), "d.h.2")
            .LocalMapped(10, 1, TraceText.Local(1, 0)).LocalUnmap(10, 1, TraceText.Local(1, 0));

        Passes(text, 2);
    }

    [Fact]
    public void Replay_InterruptOfAnInterrupt_CountsEachVictim()
    {
        TraceText text = new TraceText().LocalMap(10, 1, 1)
            .LocalMap(10, 1, 2, "..s.1")
            .LocalMap(10, 1, 3, "d.H.2").LocalMapped(10, 1, TraceText.Local(1, 2), "d.H.3")
            .LocalUnmap(10, 1, TraceText.Local(1, 2), "d.H.3")
            .LocalMapped(10, 1, TraceText.Local(1, 1), "..s.2").LocalUnmap(10, 1, TraceText.Local(1, 1), "..s.2")
            .LocalMapped(10, 1, TraceText.Local(1, 0)).LocalUnmap(10, 1, TraceText.Local(1, 0));

        Passes(text, 3);
    }

    // Preempted after its push and before the probe of its return: the mapping is taken out and put back.
    [Fact]
    public void Replay_SwitchBetweenPushAndReturn_IsOneWithAMapping()
    {
        TraceText text = new TraceText().LocalMap(10, 1, 1).Switch(1, 10, 0, "d..21").Switch(1, 0, 10)
            .LocalMapped(10, 1, TraceText.Local(1, 0));

        Assert.Equal(1, Passes(text, 1).SwitchesWithMappings);
    }

    // The probe is on the function that maps whatever page it is given (kmap_local_pfn and iomap_local take low ones too).
    [Fact]
    public void Replay_LocalMapOfALowPage_IsInTheWindow()
    {
        TraceText text = new TraceText()
            .Add(10, 1, "kmap_local_map: (f+0x0/0x1) pfn=0x1000").LocalMapped(10, 1, TraceText.Local(1, 0))
            .LocalMap(10, 1, 1).LocalMapped(10, 1, TraceText.Local(1, 1))
            .LocalUnmap(10, 1, TraceText.Local(1, 1)).LocalUnmap(10, 1, TraceText.Local(1, 0));

        Assert.Equal(8, Passes(text, 2).Kernel.EntryStores);
    }

    [Fact]
    public void Replay_OutOfOrderUnmap_Fails()
    {
        TraceText text = new TraceText().LocalMap(10, 0, 1).LocalMapped(10, 0, TraceText.Local(0, 0))
            .LocalMap(10, 0, 2).LocalMapped(10, 0, TraceText.Local(0, 1)).LocalUnmap(10, 0, TraceText.Local(0, 0));

        Assert.Equal(text.Line, Assert.Single(Replay(text).Failures).Line);
    }

    [Theory]
    [InlineData("kmapped: (f) va=0xff001000")]
    [InlineData("kmap_local_mapped: (f) va=0xfffbb000")]
    [InlineData("kmap_local_map: (f) pfn=0x800000")]
    public void Read_LineThatCannotBe_ThrowsWithItsNumber(string line)
    {
        TraceText text = new TraceText().LocalMap(11, 0, 1).Add(10, 0, line);

        Assert.Equal(text.Line, Assert.Throws<TraceFormatException>(text.Operations).Line);
    }

    [Fact]
    public void Read_KmapWithinAKmapOfTheSameTask_Throws()
    {
        TraceText text = new TraceText().Map(10, 0, 1).Map(10, 0, 2);

        Assert.Equal(text.Line, Assert.Throws<TraceFormatException>(text.Operations).Line);
    }

    [Theory]
    [InlineData("forkio-4cpu.ftrace.gz", 29_906, 0)]
    [InlineData("fs-4cpu-preempt.ftrace.gz", 12_702, 1_017)]
    public void Replay_RecordedKernel_ReproducesEveryAddress(string file, long local, long pool)
    {
        using MappingTrace trace = MappingTrace.Open(TestData.PathOf("kmap", file));
        (ReplaySummary summary, List<ReplayFailure> failures) = Replay(trace);

        Assert.Empty(failures);
        Assert.Equal((local, pool, local + pool), (summary.LocalAddresses, summary.PoolAddresses, summary.Passed));
        Assert.Equal(trace.CountOf(TraceEventKind.KmapLocalSchedOut), summary.SwitchesWithMappings);
    }

    /// <summary>Slots 1 to 511 have been used, and nobody uses them any more.</summary>
    private static TraceText UpToTheTurn() => new TraceText().Turn(10, 0, 511, 1);

    private static ReplaySummary Passes(TraceText text, long passed)
    {
        (ReplaySummary summary, List<ReplayFailure> failures) = Replay(text);
        Assert.Empty(failures);
        Assert.Equal((passed, 0L), (summary.Passed, summary.Failed));
        return summary;
    }

    private static (ReplaySummary Summary, List<ReplayFailure> Failures) Replay(TraceText text)
    {
        using MappingTrace trace = text.Open();
        return Replay(trace);
    }

    private static (ReplaySummary Summary, List<ReplayFailure> Failures) Replay(MappingTrace trace)
    {
        var failures = new List<ReplayFailure>();
        var replay = new TraceReplay(GuestKernel.Boot(CpuModels.CoreDuo, trace.CpuCount ?? 4), failures.Add);
        while (trace.TryRead(out MappingOperation operation))
        {
            replay.Step(in operation);
        }

        return (replay.Summarise(), failures);
    }
}
