using System.Globalization;
using X86Pae.Cli.Reporting;
using X86Pae.Timing;

namespace X86Pae.Cli.Runs;

/// <summary>CPU models side by side, a line for each.</summary>
internal static class ModelList
{
    private const string None = "-";

    /// <summary>Writes the table.</summary>
    /// <param name="models">The models.</param>
    /// <param name="output">Where to.</param>
    public static void Write(IEnumerable<CpuModel> models, TextWriter output)
    {
        var table = new TextTable(
            "name", ">MHz", ">L1", ">L2", ">L3", "code TLB", "load TLB", "data TLB", "second level", "description");
        foreach (CpuModel model in models)
        {
            TlbDescription tlbs = model.TlbArrays;
            table.Add(
                model.Name,
                Number(model.FrequencyInMHz),
                Number(model.L1.SizeInKiB),
                Number(model.L2.SizeInKiB),
                model.L3 is { } l3 ? Number(l3.SizeInKiB) : None,
                Shape(tlbs.Instruction4K, tlbs.InstructionSizesShare),
                Shape(tlbs.Load4K, shared: false),
                Shape(tlbs.Data4K, tlbs.DataSizesShare),
                SecondLevel(tlbs),
                model.Description);
        }

        table.Write(output);
        output.WriteLine("Caches in KiB. TLBs for 4-KiB pages as entries/ways; * holds large pages as well.");
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Shape(TlbArray? array, bool shared) =>
        array is null ? None : $"{Number(array.Entries)}/{Number(array.Ways)}{(shared ? "*" : string.Empty)}";

    private static string SecondLevel(TlbDescription tlbs)
    {
        string data = Shape(tlbs.SecondData4K, tlbs.SecondSizesShare);
        return tlbs.SecondIsUnified ? $"{data} unified"
            : tlbs.SecondInstruction4K is { } code ? $"{data}, code {Shape(code, shared: false)}"
            : data;
    }
}
