using System.Numerics;
using X86Pae.Tlb;

namespace X86Pae.Timing;

/// <summary>What a CPU model must satisfy beyond having all its members.</summary>
internal static class CpuModelValidation
{
    private const int MaxTreeWays = 64;
    private const int MaxCost = 1_000_000;
    private const int MaxEntries = 1 << 20; // one for each page

    /// <summary>Checks a model.</summary>
    /// <param name="model">The model as it was read.</param>
    /// <exception cref="InvalidDataException">A member is wrong; the message begins with its path in the file.</exception>
    public static void Validate(CpuModel model)
    {
        Require(model.Name.Length > 0, "name", "is empty");
        Require(model.FrequencyInMHz is > 0 and <= 100_000, "frequencyInMHz", "is not 1 to 100000");
        ValidateCaches(model);
        if (model.ThreadsPerCore is { } threads)
        {
            ValidateThreads(threads);
        }

        foreach ((string place, Parameter parameter) in model.ListParameters())
        {
            ValidateParameter(place, parameter);
        }

        ValidateLevels(model);
        Require(
            model.HasSiblings() || model.IpiWireSmt is null, "ipiWireSmt", "is not there where threadsPerCore is 1");
        Require(model.RefillChargedInPercent is not { Value: > 100 }, "refillChargedInPercent.value", "is above 100");
        Require(model.RefillChargedInPercent is not { High: > 100 }, "refillChargedInPercent.high", "is above 100");
        ValidateTlbs(model);
        if (model.Tolerance is { } tolerance)
        {
            ValidateTolerance(tolerance);
        }
    }

    /// <summary>Checks the data caches of a model.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="InvalidDataException">A member is wrong; the message begins with its path in a model file.</exception>
    public static void ValidateCaches(CpuModel model)
    {
        Require(
            model.LineSizeInBytes is >= 8 and <= 4096 && BitOperations.IsPow2(model.LineSizeInBytes),
            "lineSizeInBytes",
            "is not a power of two from 8 to 4096");
        ValidateCache("l1", model.L1, model.LineSizeInBytes);
        ValidateCache("l2", model.L2, model.LineSizeInBytes);
        if (model.L3 is { } l3)
        {
            ValidateCache("l3", l3, model.LineSizeInBytes);
        }
    }

    private static void ValidateThreads(Parameter threads)
    {
        const string Place = "threadsPerCore";
        Require(threads.Value is 1 or 2, $"{Place}.value", "is not 1 or 2");
        Require(threads is { Low: null, High: null }, Place, "has no range to sweep");
        Require(threads.Confidence != Confidence.Estimated, $"{Place}.confidence", "estimated is for what has a range to sweep");
    }

    /// <summary>Checks that what is further from the processor is larger and slower, wherever in its range a latency is.</summary>
    private static void ValidateLevels(CpuModel model)
    {
        CheckSize("l2", model.L2, "l1", model.L1);
        CheckLatency("l2.loadToUse", model.L2.LoadToUse, "l1.loadToUse", model.L1.LoadToUse);
        if (model.L3 is { } l3)
        {
            CheckSize("l3", l3, "l2", model.L2);
            CheckLatency("l3.loadToUse", l3.LoadToUse, "l2.loadToUse", model.L2.LoadToUse);
        }

        string last = model.L3 is null ? "l2.loadToUse" : "l3.loadToUse";
        CheckLatency("dram", model.Dram, last, model.FindLastLevelCache().LoadToUse);

        static void CheckSize(string place, CacheGeometry outer, string innerPlace, CacheGeometry inner) =>
            Require(outer.SizeInKiB > inner.SizeInKiB, $"{place}.sizeInKiB", $"is not above that of {innerPlace}");

        static void CheckLatency(string place, Parameter outer, string innerPlace, Parameter inner)
        {
            Require(Rises(inner.Value, outer.Value), $"{place}.value", $"is not above {innerPlace}.value");
            Require(
                Rises(inner.High ?? inner.Value, outer.Low ?? outer.Value), place, $"its range overlaps that of {innerPlace}");
        }

        // Memory that costs nothing at any level leaves only the other costs to be compared.
        static bool Rises(int inner, int outer) => outer > inner || (inner, outer) is (0, 0);
    }

    private static void ValidateTlbs(CpuModel model)
    {
        TlbDescription tlbs = model.TlbArrays;
        foreach ((string place, TlbArray array) in tlbs.ListArrays())
        {
            ValidateArray(place, array);
            ValidateRange(place, array);
            ValidateOrigin(place, array.Source, array.Confidence, array.Low, array.High);
            if (array.Siblings is { } siblings)
            {
                RequireSource($"{place}.siblings", siblings.Source);
            }
        }

        RequireShared(tlbs.InstructionSizesShare, "instructionLarge", tlbs.InstructionLarge, "instructionSizesShare");
        RequireShared(tlbs.DataSizesShare, "dataLarge", tlbs.DataLarge, "dataSizesShare");
        RequireShared(tlbs.SecondSizesShare, "secondDataLarge", tlbs.SecondDataLarge, "secondSizesShare");
        RequireShared(tlbs.SecondIsUnified, "secondInstruction4K", tlbs.SecondInstruction4K, "secondIsUnified");
        RequireShared(tlbs.SecondIsUnified, "secondInstructionLarge", tlbs.SecondInstructionLarge, "secondIsUnified");
        TlbConfiguration configuration = model.Tlbs;
        Require(
            configuration.HasLoadLevel == model.LoadLevelMiss is not null,
            "loadLevelMiss",
            "and the arrays that only loads use (tlbs.load4K) go together");
        Require(
            configuration.HasSecondLevel == model.SecondLevelHit is not null,
            "secondLevelHit",
            "and the second-level arrays (tlbs.secondData4K) go together");
    }

    private static void RequireShared(bool shared, string name, TlbArray? array, string flag) =>
        Require(!shared || array is null, $"tlbs.{name}", $"is not there where {flag}");

    private static void ValidateTolerance(Tolerance tolerance)
    {
        Require(tolerance.CacheResident >= 0, "tolerance.cacheResident", "is negative");
        Require(tolerance.TlbMissing >= 0, "tolerance.tlbMissing", "is negative");
        Require(tolerance.Dram >= 0, "tolerance.dram", "is negative");
    }

    // Each clock of a machine asks this, so text is put together only for a cache that is impossible.
    private static void ValidateCache(string place, CacheGeometry cache, int lineSize)
    {
        (string Member, string Problem)? wrong = cache switch
        {
            { SizeInKiB: not (> 0 and <= 1 << 20) } => ("sizeInKiB", "is not 1 to 1048576"),
            { Ways: not (> 0 and <= DataCache.MaxWays) } => ("ways", $"is not 1 to {DataCache.MaxWays}"),
            _ when cache.SizeInKiB * 1024L % ((long)cache.Ways * lineSize) != 0 =>
                ("ways", "does not divide the cache into whole sets of lines"),
            _ => null,
        };
        if (wrong is { } found)
        {
            throw new InvalidDataException($"{place}.{found.Member}: {found.Problem}");
        }
    }

    private static void ValidateArray(string place, TlbArray array)
    {
        Require(array.Ways is > 0 and <= TlbGeometry.MaxWays, $"{place}.ways", $"is not 1 to {TlbGeometry.MaxWays}");
        Require(array.Entries <= MaxEntries, $"{place}.entries", $"is above {MaxEntries}");
        Require(array.Entries > 0 && array.Entries % array.Ways == 0, $"{place}.entries", "is not a multiple of ways");
        Require(BitOperations.IsPow2(array.Entries / array.Ways), $"{place}.entries", "does not give a power of two of sets");
        Require(
            array.Replacement != Replacement.TreePlru || (BitOperations.IsPow2(array.Ways) && array.Ways <= MaxTreeWays),
            $"{place}.replacement",
            $"treePlru needs a power of two of ways up to {MaxTreeWays}");
        Require(
            array.Replacement != Replacement.ThreeTrees || array.Ways == 12, $"{place}.replacement", "threeTrees needs 12 ways");
        Require(
            array.Geometry.CanBeShared,
            $"{place}.siblings.mode",
            $"{array.Entries} entries in {array.Ways} ways have no halves to be partitioned into");
    }

    private static void ValidateRange(string place, TlbArray array)
    {
        Require(!(array.Low > array.Entries), $"{place}.low", "is above entries");
        Require(!(array.High < array.Entries), $"{place}.high", "is below entries");
        foreach ((int? end, string name) in ((int?, string)[])[(array.Low, "low"), (array.High, "high")])
        {
            try
            {
                ValidateArray(place, array.WithEntries(end ?? array.Entries));
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException($"{place}.{name}: is not a possible number of entries ({e.Message})", e);
            }
        }
    }

    private static void ValidateParameter(string place, Parameter parameter)
    {
        Require(parameter.Value is >= 0 and <= MaxCost, $"{place}.value", $"is not 0 to {MaxCost}");
        Require(!(parameter.Low < 0), $"{place}.low", "is negative");
        Require(!(parameter.Low > parameter.Value), $"{place}.low", "is above value");
        Require(!(parameter.High < parameter.Value), $"{place}.high", "is below value");
        Require(!(parameter.High > MaxCost), $"{place}.high", $"is above {MaxCost}");
        ValidateOrigin(place, parameter.Source, parameter.Confidence, parameter.Low, parameter.High);
    }

    /// <summary>Checks that a figure says where it comes from, and an estimate how far it may be from the truth.</summary>
    private static void ValidateOrigin(string place, string source, Confidence confidence, int? low, int? high)
    {
        RequireSource(place, source);
        if (confidence == Confidence.Estimated)
        {
            Require(low is not null, $"{place}.low", "is missing: what is estimated has a range to sweep");
            Require(high is not null, $"{place}.high", "is missing: what is estimated has a range to sweep");
            Require(low < high, $"{place}.low", "is not below high: what is estimated has a range to sweep");
        }
    }

    private static void RequireSource(string place, string source) =>
        Require(!string.IsNullOrWhiteSpace(source), $"{place}.source", "is empty");

    private static void Require(bool condition, string place, string problem)
    {
        if (!condition)
        {
            throw new InvalidDataException($"{place}: {problem}");
        }
    }
}
