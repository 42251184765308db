using System.Numerics;
using System.Text.Json;
using X86Pae.Tlb;

namespace X86Pae.Timing;

/// <summary>What a CPU model must satisfy beyond having all its members.</summary>
internal static class CpuModelValidation
{
    private const int MaxWays = 64;

    /// <summary>Checks a model.</summary>
    /// <param name="model">The model as it was read.</param>
    /// <exception cref="InvalidDataException">A member is wrong; the message begins with its path in the file.</exception>
    public static void Validate(CpuModel model)
    {
        Require(model.Name.Length > 0, "name", "is empty");
        Require(model.FrequencyInMHz is > 0 and <= 100_000, "frequencyInMHz", "is not 1 to 100000");
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

        foreach ((string name, TlbArray array) in model.TlbArrays.Arrays)
        {
            ValidateArray($"tlbs.{Camel(name)}", array);
        }

        foreach ((string name, Parameter? parameter) in Parameters(model))
        {
            if (parameter is not null)
            {
                ValidateParameter(Camel(name), parameter);
            }
        }

        bool hasLoadLevel = model.TlbArrays.Load4K is not null || model.TlbArrays.LoadLarge is not null;
        Require(hasLoadLevel == model.LoadLevelMiss is not null, "loadLevelMiss", "and tlbs.load4K go together");
        bool hasSecondLevel = model.TlbArrays.SecondData4K is not null || model.TlbArrays.SecondInstruction4K is not null;
        Require(hasSecondLevel == model.SecondLevelHit is not null, "secondLevelHit", "and tlbs.secondData4K go together");
    }

    /// <summary>The costs of a model by the name of their property.</summary>
    /// <param name="model">The model.</param>
    public static IEnumerable<(string Name, Parameter? Parameter)> Parameters(CpuModel model) =>
    [
        (nameof(model.Dram), model.Dram),
        (nameof(model.WalkFixed), model.WalkFixed),
        (nameof(model.LoadLevelMiss), model.LoadLevelMiss),
        (nameof(model.SecondLevelHit), model.SecondLevelHit),
        (nameof(model.AccessedDirtyAssist), model.AccessedDirtyAssist),
        (nameof(model.MovCr3), model.MovCr3),
        (nameof(model.Invlpg), model.Invlpg),
        (nameof(model.Invpcid), model.Invpcid),
        (nameof(model.PgeTogglePair), model.PgeTogglePair),
        (nameof(model.LockedRmw), model.LockedRmw),
        (nameof(model.PushfPopf), model.PushfPopf),
        (nameof(model.Cli), model.Cli),
        (nameof(model.Sti), model.Sti),
        (nameof(model.PageFaultDelivery), model.PageFaultDelivery),
        (nameof(model.PageFaultReturn), model.PageFaultReturn),
        (nameof(model.InterruptEntryUser), model.InterruptEntryUser),
        (nameof(model.InterruptEntry), model.InterruptEntry),
        (nameof(model.EoiAndHandlerEntry), model.EoiAndHandlerEntry),
        (nameof(model.IcrWrite), model.IcrWrite),
        (nameof(model.IpiWire), model.IpiWire),
        (nameof(model.AckTransfer), model.AckTransfer),
    ];

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    private static void ValidateCache(string place, CacheGeometry cache, int lineSize)
    {
        Require(cache.SizeInKiB is > 0 and <= 1 << 20, $"{place}.sizeInKiB", "is not 1 to 1048576");
        Require(cache.Ways is > 0 and <= MaxWays, $"{place}.ways", $"is not 1 to {MaxWays}");
        Require(
            cache.SizeInKiB * 1024L % ((long)cache.Ways * lineSize) == 0,
            $"{place}.ways",
            "does not divide the cache into whole sets of lines");
        ValidateParameter($"{place}.loadToUse", cache.LoadToUse);
    }

    private static void ValidateArray(string place, TlbArray array)
    {
        Require(array.Ways is > 0 and <= MaxWays * 2, $"{place}.ways", $"is not 1 to {MaxWays * 2}");
        Require(array.Entries > 0 && array.Entries % array.Ways == 0, $"{place}.entries", "is not a multiple of ways");
        Require(BitOperations.IsPow2(array.Entries / array.Ways), $"{place}.entries", "does not give a power of two of sets");
        Require(
            array.Replacement != Replacement.TreePlru || BitOperations.IsPow2(array.Ways),
            $"{place}.replacement",
            "treePlru needs a power of two of ways");
        Require(
            array.Replacement != Replacement.ThreeTrees || array.Ways == 12, $"{place}.replacement", "threeTrees needs 12 ways");
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
