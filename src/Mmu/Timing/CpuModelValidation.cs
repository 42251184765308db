using System.Numerics;
using X86Pae.Tlb;

namespace X86Pae.Timing;

/// <summary>What a CPU model must satisfy beyond having all its members.</summary>
internal static class CpuModelValidation
{
    private const int MaxTreeWays = 64;
    private const int MaxEntries = 1 << 20; // one for each page

    /// <summary>Checks a model.</summary>
    /// <param name="model">The model as it was read.</param>
    /// <exception cref="InvalidDataException">A member is wrong; the message begins with its path in the file.</exception>
    public static void Validate(CpuModel model)
    {
        Require(model.Name.Length > 0, "name", "is empty");
        Require(model.FrequencyInMHz is > 0 and <= 100_000, "frequencyInMHz", "is not 1 to 100000");
        ValidateCaches(model);
        foreach ((string place, Parameter parameter) in model.ListParameters())
        {
            ValidateParameter(place, parameter);
        }

        Require(model.ThreadsPerCore is not { Value: not (1 or 2) }, "threadsPerCore.value", "is not 1 or 2");
        Require(model.ThreadsPerCore is not ({ Low: not null } or { High: not null }), "threadsPerCore", "has no range to sweep");
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

    private static void ValidateTlbs(CpuModel model)
    {
        TlbDescription tlbs = model.TlbArrays;
        foreach ((string place, TlbArray array) in tlbs.ListArrays())
        {
            ValidateArray(place, array);
            ValidateRange(place, array);
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
        Require(array.Ways is > 0 and <= ReplacementPolicy.MaxWays, $"{place}.ways", $"is not 1 to {ReplacementPolicy.MaxWays}");
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
        Require(parameter.Value is >= 0 and <= 1_000_000, $"{place}.value", "is not 0 to 1000000");
        Require(!(parameter.Low > parameter.Value), $"{place}.low", "is above value");
        Require(!(parameter.High < parameter.Value), $"{place}.high", "is below value");
    }

    private static void Require(bool condition, string place, string problem)
    {
        if (!condition)
        {
            throw new InvalidDataException($"{place}: {problem}");
        }
    }
}
