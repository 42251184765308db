using X86Pae.Lab.Validation;

namespace X86Pae.Lab.Tests.Validation;

public sealed class ExpectationTests
{
    [Theory]
    [InlineData(94.9, false)]
    [InlineData(95, true)]
    [InlineData(105, true)]
    [InlineData(105.1, false)]
    public void Admits_Percent_IsRelativeToTheValue(double value, bool admitted)
    {
        Expectation expectation = Expectation.Of(new TargetCheck { Expected = 100 }, percent: 5);

        Assert.Equal(admitted, expectation.Admits(value));
        Assert.Equal(("100", "5 %"), (expectation.Text, expectation.ToleranceText));
    }

    [Theory]
    [InlineData(25.9, false)]
    [InlineData(26, true)]
    [InlineData(36, true)]
    [InlineData(36.1, false)]
    public void Admits_RangeWithin_WidensBothEnds(double value, bool admitted)
    {
        Expectation expectation = Expectation.Of(new TargetCheck { AtLeast = 30, AtMost = 32, Within = 4 }, percent: 5);

        Assert.Equal(admitted, expectation.Admits(value));
        Assert.Equal(("30 to 32", "+-4"), (expectation.Text, expectation.ToleranceText));
    }

    [Fact]
    public void Admits_OpenEnd_HasNoLimitThere()
    {
        Expectation least = Expectation.Of(new TargetCheck { AtLeast = 0.97 }, percent: null);
        Expectation most = Expectation.Of(new TargetCheck { AtMost = 20 }, percent: null);

        Assert.True(least.Admits(double.MaxValue) && !least.Admits(0.96) && most.Admits(-1e9) && !most.Admits(20.1));
        Assert.Equal((">= 0.97", "<= 20", string.Empty), (least.Text, most.Text, most.ToleranceText));
    }

    [Fact]
    public void Admits_NoTolerance_IsExact()
    {
        Expectation expectation = Expectation.Of(new TargetCheck { Expected = 0 }, percent: null);

        Assert.True(expectation.Admits(0) && !expectation.Admits(0.001));
        Assert.Equal("exact", expectation.ToleranceText);
    }
}
