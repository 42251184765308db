using System.Globalization;
using System.Text.Json;
using X86Pae.Cli.Reporting;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Cli.Runs;

/// <summary>Every parameter of a CPU model, a line for each, by its path in a model file.</summary>
/// <param name="model">The model.</param>
internal sealed class ModelDetails(CpuModel model)
{
    private readonly TextTable _table = new("parameter", ">value", "unit", "confidence", "range", "source");

    /// <summary>Writes the parameters that the model has.</summary>
    /// <param name="output">Where to.</param>
    public void Write(TextWriter output)
    {
        output.WriteLine($"{model.Name}: {model.Description}");
        AddPlain("frequencyInMHz", model.FrequencyInMHz, "MHz");
        AddPlain("lineSizeInBytes", model.LineSizeInBytes, "bytes");
        AddCache("l1", model.L1);
        AddCache("l2", model.L2);
        AddCache("l3", model.L3);
        AddFlag("walksBypassL1", model.WalksBypassL1);
        AddText("interruptBus", Camel(model.InterruptBus.ToString()));
        foreach (NamedTlbArray array in model.TlbArrays.ListArrays())
        {
            AddArray(array);
        }

        TlbDescription tlbs = model.TlbArrays;
        AddFlag("tlbs.instructionSizesShare", tlbs.InstructionSizesShare);
        AddFlag("tlbs.dataSizesShare", tlbs.DataSizesShare);
        AddFlag("tlbs.secondSizesShare", tlbs.SecondSizesShare);
        AddFlag("tlbs.secondIsUnified", tlbs.SecondIsUnified);
        foreach (NamedParameter parameter in model.ListParameters())
        {
            AddParameter(parameter);
        }

        if (model.Tolerance is { } tolerance)
        {
            AddPlain("tolerance.cacheResident", tolerance.CacheResident, "%");
            AddPlain("tolerance.tlbMissing", tolerance.TlbMissing, "%");
            AddPlain("tolerance.dram", tolerance.Dram, "%");
        }

        _table.Write(output);
    }

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    private static string Range(int? from, int? to) => (from, to) switch
    {
        (null, null) => string.Empty,
        (null, int high) => $"to {Number(high)}",
        (int low, null) => $"from {Number(low)}",
        (int low, int high) => $"{Number(low)} to {Number(high)}",
    };

    private void AddPlain(string name, double value, string unit) =>
        _table.Add(name, Number(value), unit, string.Empty, string.Empty, string.Empty);

    private void AddFlag(string name, bool value) => AddText(name, value ? "true" : "false");

    private void AddText(string name, string value) =>
        _table.Add(name, value, string.Empty, string.Empty, string.Empty, string.Empty);

    private void AddCache(string name, CacheGeometry? cache)
    {
        if (cache is not null)
        {
            AddPlain($"{name}.sizeInKiB", cache.SizeInKiB, "KiB");
            AddPlain($"{name}.ways", cache.Ways, "ways");
        }
    }

    private void AddArray(NamedTlbArray named)
    {
        TlbArray array = named.Array;
        string index = array.Index == SetIndex.Linear ? string.Empty : $", index {Camel(array.Index.ToString())}";
        _table.Add(
            named.Name,
            Number(array.Entries),
            $"entries, {Number(array.Ways)} ways, {Camel(array.Replacement.ToString())}{index}",
            Camel(array.Confidence.ToString()),
            Range(array.Low, array.High),
            array.Source);
        if (array.Siblings is { } siblings)
        {
            _table.Add(
                $"{named.Name}.siblings",
                Camel(siblings.Mode.ToString()),
                string.Empty,
                Camel(siblings.Confidence.ToString()),
                string.Empty,
                siblings.Source);
        }
    }

    private void AddParameter(NamedParameter named)
    {
        Parameter parameter = named.Parameter;
        _table.Add(
            named.Name,
            Number(parameter.Value),
            named.Name switch
            {
                "refillChargedInPercent" => "%",
                "threadsPerCore" => "threads",
                _ => "cycles",
            },
            Camel(parameter.Confidence.ToString()),
            Range(parameter.Low, parameter.High),
            parameter.Source);
    }
}
