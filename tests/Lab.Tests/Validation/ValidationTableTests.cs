using X86Pae.Lab.Validation;

namespace X86Pae.Lab.Tests.Validation;

// The table that `paelab validate` prints.
public sealed class ValidationTableTests
{
    private static readonly Lazy<List<CheckResult>> Results = new(() => [.. ValidationTable.Measure(TargetList.All)]);

    [Fact]
    public void Measure_T1_Holds() =>
        Assert.All(Results.Value.Where(result => result.Tier == Tier.T1), result => Assert.True(result.IsMet, Say(result)));

    [Fact]
    public void Measure_T2_HoldsOrHasAReason() => Assert.All(
        Results.Value.Where(result => result.Tier == Tier.T2),
        result => Assert.True(result.IsMet || !string.IsNullOrWhiteSpace(result.Reason), Say(result)));

    // A reason that outlives its cause would excuse the next one.
    [Fact]
    public void Measure_Reason_IsThereOnlyWhereTheFigureIsNotMet() =>
        Assert.All(Results.Value.Where(result => result.Reason is not null), result => Assert.False(result.IsMet, Say(result)));

    [Fact]
    public void Measure_Twice_IsTheSame() => Assert.Equal(
        Results.Value.Where(result => result.Id is "V1" or "V30").Select(result => result.Measured),
        ValidationTable.Measure(TargetList.All.Where(target => target.Id is "V1" or "V30")).Select(result => result.Measured));

    [Fact]
    public void Targets_EachCheck_ExpectsSomethingOfOneKind() => Assert.All(
        TargetList.All.SelectMany(target => target.Checks),
        check => Assert.True(check.Expected is null == (check.AtLeast is not null || check.AtMost is not null)));

    [Fact]
    public void Targets_Ids_AreThoseOfTheSpecification() =>
        Assert.Equal(
            [.. Ids(1, 15), .. Ids(20, 26), .. Ids(30, 39), .. Ids(50, 57), .. Ids(60, 65)],
            TargetList.All.Select(target => target.Id).Distinct());

    private static IEnumerable<string> Ids(int from, int to) => Enumerable.Range(from, to - from + 1).Select(number => $"V{number}");

    private static string Say(CheckResult result) =>
        $"{result.Id} {result.Model}, {result.What}: expected {result.Expectation.Text}, measured {result.Measured}";
}
