// Walk vectors: one access to one path of page-table entries in each row, recorded on real implementations.
//
//   # maxphyaddr=40 nx=1 smep=1 smap=1 seed=1                  the processor, in line 1
//   case,cr0_wp,cr4_smep,...                                   the columns, in line 2
//   0,1,0,0,1,0,1,bde60310,x,u,0000000000102e01,...            hexadecimal where a column is an address, entry or code

using System.Globalization;
using X86Pae.Reference.Recordings;
using X86Pae.Reference.Specification;

namespace X86Pae.Reference.Walks;

/// <summary>Streams the cases of one file of walk vectors.</summary>
internal sealed class WalkVectorReader : IDisposable
{
    private const int LastEntryOfTable = 511;

    private static readonly string[] Columns =
    [
        "case", "cr0_wp", "cr4_smep", "cr4_smap", "efer_nxe", "cr4_pge", "eflags_ac", "linear", "access", "mode",
        "pdpte", "pde", "pte", "next_pte", "outcome", "error_code", "cr2", "frame",
        "pdpte_after", "pde_after", "pte_after", "next_pte_after",
    ];

    private readonly CsvReader _csv;

    /// <summary>Reads the head of a file.</summary>
    /// <param name="name">What messages call the file.</param>
    /// <param name="content">Its content, disposed of together with the reader.</param>
    /// <exception cref="InvalidDataException">The head is wrong.</exception>
    public WalkVectorReader(string name, Stream content)
    {
        _csv = new CsvReader(name, content);
        Features = ParseFeatures(_csv.ReadPreamble("the features of the processor"));
        _csv.ReadHeader(Columns);
    }

    /// <summary>The processor that the cases were recorded on.</summary>
    public SpecFeatures Features { get; }

    /// <summary>The file and the line read last, as <c>file:line</c>.</summary>
    public string Place => _csv.Place;

    /// <summary>Reads the next case.</summary>
    /// <param name="vector">The case.</param>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="InvalidDataException">The line does not parse, or contradicts line 1.</exception>
    public bool TryRead(out WalkVector vector)
    {
        if (!_csv.ReadRow())
        {
            vector = default;
            return false;
        }

        vector = new WalkVector(_csv.Number(0), ParseInput(), ParseExpected());
        RequireSetting(2, vector.Input.Smep, Features.Smep, "smep");
        RequireSetting(3, vector.Input.Smap, Features.Smap, "smap");
        RequireSetting(4, vector.Input.NoExecute, Features.Nx, "nx");
        if (vector.Input.Entries.NextPte != 0 && ((vector.Input.Linear >> 12) & LastEntryOfTable) == LastEntryOfTable)
        {
            throw _csv.Error("next_pte has no place: pte is the last entry of its table");
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _csv.Dispose();

    private SpecFeatures ParseFeatures(string line)
    {
        var values = new Dictionary<string, int>();
        foreach (string setting in line.TrimStart('#').Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = setting.Split('=');
            if (parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int value))
            {
                values[parts[0]] = value;
            }
        }

        return new SpecFeatures(
            Value("maxphyaddr", 32, 52),
            Nx: Value("nx", 0, 1) == 1,
            Smep: Value("smep", 0, 1) == 1,
            Smap: Value("smap", 0, 1) == 1);

        int Value(string name, int min, int max) => values.TryGetValue(name, out int value) && value >= min && value <= max
            ? value
            : throw _csv.Error($"expected '# maxphyaddr=M nx=0|1 smep=0|1 smap=0|1', with {name} from {min} to {max}");
    }

    private WalkInput ParseInput() => new(
        WriteProtect: _csv.Bit(1),
        Smep: _csv.Bit(2),
        Smap: _csv.Bit(3),
        NoExecute: _csv.Bit(4),
        GlobalPages: _csv.Bit(5),
        AlignmentCheck: _csv.Bit(6),
        Linear: (uint)_csv.Hex(7, uint.MaxValue),
        Kind: _csv[8] switch
        {
            "r" => SpecKind.Read,
            "w" => SpecKind.Write,
            "x" => SpecKind.Fetch,
            _ => throw _csv.FieldError(8, "r, w or x"),
        },
        Mode: _csv[9] switch
        {
            "u" => SpecMode.User,
            "s" => SpecMode.Supervisor,
            _ => throw _csv.FieldError(9, "u or s"),
        },
        Entries: ParseEntries(10));

    private WalkOutcome ParseExpected() => new(
        Ending: _csv[14] switch
        {
            "ok" => WalkEnding.Ok,
            "pf" => WalkEnding.PageFault,
            "gp" => WalkEnding.GeneralProtection,
            _ => throw _csv.FieldError(14, "ok, pf or gp"),
        },
        ErrorCode: (uint)_csv.Hex(15, uint.MaxValue),
        Cr2: (uint)_csv.Hex(16, uint.MaxValue),
        Frame: _csv[17].IsEmpty ? null : _csv.Hex(17),
        Entries: ParseEntries(18));

    private PathEntries ParseEntries(int firstColumn) =>
        new(_csv.Hex(firstColumn), _csv.Hex(firstColumn + 1), _csv.Hex(firstColumn + 2), _csv.Hex(firstColumn + 3));

    private void RequireSetting(int column, bool used, bool supported, string feature)
    {
        if (used && !supported)
        {
            throw _csv.Error($"{Columns[column]} is 1, but line 1 says {feature}=0");
        }
    }
}
