using System.Text.RegularExpressions;
using X86Pae.Cli.Input;
using X86Pae.Reference.Recordings;

namespace X86Pae.Cli.Runs;

/// <summary>Measured load latencies of one processor.</summary>
/// <param name="Title">What line 1 says of the measurement.</param>
/// <param name="EntrySizeInBytes">Size of a page-table entry on the system measured: 4 or 8.</param>
/// <param name="Cells">The cells, in the file's order.</param>
internal sealed partial record LatencyGrid(string Title, int EntrySizeInBytes, IReadOnlyList<LatencyCell> Cells)
{
    private const int MaxKiB = 512 * 1024;

    /// <summary>Reads a file: a comment that gives the entry size, column names, and a row for each cell.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UserErrorException">It cannot be read or understood.</exception>
    public static LatencyGrid Read(string path)
    {
        try
        {
            using var csv = new CsvReader(path, InputFile.Open(path));
            return Read(csv, path);
        }
        catch (InvalidDataException e)
        {
            throw new UserErrorException(e.Message, e);
        }
    }

    private static LatencyGrid Read(CsvReader csv, string path)
    {
        string title = csv.ReadPreamble("a comment with the size of a page-table entry");
        Match entries = EntrySize().Match(title);
        if (!entries.Success)
        {
            throw csv.Error("expected a comment that says 'page-table entries 4 bytes' or '8 bytes'");
        }

        csv.ReadHeader(["size_kib", "stride_bytes", "cycles"]);
        List<LatencyCell> cells = [];
        while (csv.ReadRow())
        {
            int size = csv.Number(0);
            int stride = csv.Number(1);
            double cycles = csv.Decimal(2);
            if (size is < 1 or > MaxKiB || stride < 4 || stride > size * 1024)
            {
                throw csv.Error($"a block of {size} KiB with a stride of {stride} bytes is not possible");
            }

            if (cycles <= 0)
            {
                throw csv.FieldError(2, "a number above 0");
            }

            cells.Add(new LatencyCell(size, stride, cycles));
        }

        return cells.Count > 0
            ? new LatencyGrid(title.TrimStart('#', ' '), int.Parse(entries.Groups[1].ValueSpan, provider: null), cells)
            : throw new InvalidDataException($"{path}: the file has no cells");
    }

    [GeneratedRegex("page-table entries ([48]) bytes")]
    private static partial Regex EntrySize();
}

/// <summary>One measured cell.</summary>
/// <param name="SizeInKiB">Size of the block.</param>
/// <param name="StrideInBytes">Distance of the places loaded from.</param>
/// <param name="Cycles">Cycles for each load, as measured.</param>
internal readonly record struct LatencyCell(int SizeInKiB, int StrideInBytes, double Cycles);
