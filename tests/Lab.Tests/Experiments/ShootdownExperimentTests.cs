using X86Pae.Lab.Shootdowns;
using X86Pae.Smp;
using X86Pae.Timing;

namespace X86Pae.Lab.Tests.Experiments;

public sealed class ShootdownExperimentTests
{
    private readonly CpuModel _model = CpuModels.Find("skylake")!;

    // Wire 535, entry 400.
    [Fact]
    public void MeasureDelivery_Skylake_IsTheWireAndTheEntry() =>
        Assert.Equal(935, new ShootdownExperiment(_model, 3).MeasureDelivery());

    [Fact]
    public void Measure_Twice_IsTheSame()
    {
        var experiment = new ShootdownExperiment(_model, 3);

        Assert.Equal(experiment.Measure(), experiment.Measure());
    }

    [Fact]
    public void Measure_WithoutFlush_IsShorterByTheTargetsFlush()
    {
        var experiment = new ShootdownExperiment(_model, 1);

        Assert.Equal(_model.Invlpg.Value, experiment.Measure().Total - experiment.Measure(flush: false).Total);
    }

    // A target's flag costs it nothing: 200 of the 80 before the flush and the flush itself.
    [Fact]
    public void MeasureFlushShare_Flags_IsTheFlushAgainstTheHandler() =>
        Assert.Equal(200 / 280.0, new ShootdownExperiment(_model, 7).MeasureFlushShare());

    // Quiet or back to back, one page on processors that do nothing else costs the same.
    [Fact]
    public void MeasureBackToBack_OnePage_CostsWhatAQuietOneDoes() => Assert.Equal(
        Enumerable.Repeat(new ShootdownExperiment(_model, 3).Measure(), 5),
        new ShootdownExperiment(_model, 3).MeasureBackToBack(pages: 1, count: 5));

    [Fact]
    public void MeasureBackToBack_NoTarget_IsTheLocalFlush()
    {
        ShootdownParts parts = Assert.Single(new ShootdownExperiment(_model, 0).MeasureBackToBack(pages: 3, count: 1, interruptsOff: 1000));

        Assert.Equal((0, 3L * _model.Invlpg.Value), (parts.Targets, parts.Total));
    }

    [Fact]
    public void MeasureBackToBack_TargetsInUserMode_EnterFromThere()
    {
        var experiment = new ShootdownExperiment(_model, 2) { TargetsInUserMode = true };

        Assert.All(experiment.MeasureBackToBack(pages: 0, count: 2), parts => Assert.Equal(_model.InterruptEntryUser.Value, parts.Entry));
    }

    [Fact]
    public void MeasureDelivery_NoTarget_IsRefused() =>
        Assert.Throws<InvalidOperationException>(() => new ShootdownExperiment(_model, 0).MeasureDelivery());

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Measure_InterruptsOff_DelaysByWhatIsLeftAtTheArrival(int targets)
    {
        var experiment = new ShootdownExperiment(_model, targets);
        ShootdownParts undisturbed = experiment.Measure();
        long arrival = undisturbed.Setup + undisturbed.Send + undisturbed.Wire;

        Assert.Equal(undisturbed.Total + 1234, experiment.Measure(interruptsOff: arrival + 1234).Total);
        Assert.Equal(undisturbed.Total, experiment.Measure(interruptsOff: arrival).Total);
        Assert.Equal(0, experiment.MeasureWindowDeviation());
    }
}
