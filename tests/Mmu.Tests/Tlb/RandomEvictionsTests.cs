using X86Pae.Paging;
using X86Pae.Tlb;

namespace X86Pae.Tests.Tlb;

/// <summary>The random sequence of a randomized TLB: its source, its rates and the addresses it speculates about.</summary>
public sealed class RandomEvictionsTests
{
    private const int Tries = 20_000;
    private const uint Page = 1 << 12;

    // The first, third and fifth number of SplitMix64 from seed 1234567, as published with its reference code: each decision
    // takes two.
    [Fact]
    public void ShouldEvict_KnownSeed_GivesTheNumbersOfSplitMix64()
    {
        var random = new RandomEvictions(new TlbRandomization(Seed: 1234567));
        ulong[] expected = [6457827717110365317, 9817491932198370423, 16408922859458223821];

        Assert.All(expected, number =>
        {
            random.ShouldEvict(out ulong place);
            Assert.Equal(number, place);
        });
    }

    [Theory]
    [InlineData(0, 1000)]
    [InlineData(1000, 0)]
    [InlineData(250, 750)]
    [InlineData(999, 1)]
    public void Decisions_AnyRates_ComeThatOftenInAThousand(int evictions, int fills)
    {
        var random = new RandomEvictions(new TlbRandomization(Seed: 7, evictions, fills));
        int evicted = 0, filled = 0;
        for (int i = 0; i < Tries; i++)
        {
            evicted += random.ShouldEvict(out _) ? 1 : 0;
            filled += random.ShouldSpeculate(0, out _, out _) ? 1 : 0;
        }

        AssertRate(evictions, evicted);
        AssertRate(fills, filled);
    }

    [Theory]
    [InlineData(-1, 0, "EvictionsPerThousand")]
    [InlineData(1001, 0, "EvictionsPerThousand")]
    [InlineData(0, -1, "SpeculativeFillsPerThousand")]
    [InlineData(0, 1001, "SpeculativeFillsPerThousand")]
    public void New_RateOutOfRange_NamesIt(int evictions, int fills, string parameter) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            parameter, () => new RandomEvictions(new TlbRandomization(0, evictions, fills)));

    [Fact]
    public void ShouldSpeculate_Target_IsAnyOfTheLast16AddressesOrAPageNextToOne()
    {
        var random = new RandomEvictions(new TlbRandomization(Seed: 3));
        HashSet<(long Age, long Pages)> seen = [];
        for (uint i = 0; i < Tries; i++)
        {
            uint linear = i << 20; // wraps after 4096: far more than 16 addresses, all far apart
            random.ShouldSpeculate(linear, out uint target, out _);
            uint nearest = (target + (1 << 19)) >> 20;
            seen.Add(((i - nearest) & 0xFFF, (int)(target - (nearest << 20)) / Page));
            Assert.Equal(0u, target % Page);
        }

        Assert.Equal(
            from age in Enumerable.Range(0, 16) from pages in Enumerable.Range(-1, 3) select ((long)age, (long)pages),
            seen.Order());
    }

    [Fact]
    public void ShouldSpeculate_FewAddressesSoFar_TargetsAreNearThoseAlone()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            var random = new RandomEvictions(new TlbRandomization(seed));
            random.ShouldSpeculate(0x8000_0000, out uint first, out _);
            random.ShouldSpeculate(0x4000_0000, out uint second, out _);

            Assert.InRange(first, 0x8000_0000 - Page, 0x8000_0000 + Page);
            Assert.True(first - 0x8000_0000 + Page <= 2 * Page);
            Assert.True(second - 0x8000_0000 + Page <= 2 * Page || second - 0x4000_0000 + Page <= 2 * Page);
        }
    }

    // A speculative access must not set D, and is not to fail for the rights of the page where it can be helped.
    [Fact]
    public void ShouldSpeculate_Access_IsASupervisorsReadPastSmapOrAFetch()
    {
        var random = new RandomEvictions(new TlbRandomization(Seed: 5));
        var read = new Access(AccessKind.Read, AccessMode.Supervisor, alignmentCheck: true);
        int reads = 0, fetches = 0;
        for (int i = 0; i < Tries; i++)
        {
            random.ShouldSpeculate(0, out _, out Access access);
            reads += access == read ? 1 : 0;
            fetches += access == Access.SupervisorFetch ? 1 : 0;
        }

        Assert.Equal(Tries, reads + fetches);
        AssertRate(500, reads);
    }

    /// <summary>Never and always are exact; other rates to within two in a hundred, more than five standard deviations.</summary>
    private static void AssertRate(int perThousand, int count)
    {
        double expected = perThousand / 1000.0 * Tries;
        double tolerance = perThousand is 0 or 1000 ? 0 : 0.02 * Tries;
        Assert.InRange(count, expected - tolerance, expected + tolerance);
    }
}
