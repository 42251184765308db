// mappings-cpuN.csv: every present mapping of one processor, as the machine's own monitor listed it.
//
//   linear,physical,size,xd,global,dirty,accessed,pcd,pwt,user,writable
//   08049000,1bf8c8000,4K,0,0,0,1,0,0,1,0                     addresses hexadecimal, size 4K or 2M, flags of the leaf entry

using X86Pae.Cli.Input;
using X86Pae.Reference.Recordings;

namespace X86Pae.Cli.Snapshots;

/// <summary>The recorded mappings of one processor, by page of the linear space.</summary>
internal sealed class MappingList
{
    /// <summary>Number of 4-KiB pages in the linear space.</summary>
    public const int PageCount = 1 << 20;

    private const int PagesInLargePage = 512;
    private const int PageShift = 12;
    private const int FirstFlagColumn = 3;

    private static readonly string[] Columns = ["linear", "physical", "size", .. PageMapping.Flags.Select(flag => flag.Column)];

    private readonly PageMapping[] _pages = new PageMapping[PageCount];

    private MappingList()
    {
    }

    /// <summary>What the list has for a page.</summary>
    /// <param name="page">Number of the 4-KiB page, 0 to <see cref="PageCount"/> - 1.</param>
    public PageMapping this[int page] => _pages[page];

    /// <summary>Reads a list.</summary>
    /// <param name="path">The file, plain or gzip.</param>
    /// <exception cref="UserErrorException">It cannot be read, a line does not parse, or two lines overlap.</exception>
    public static MappingList Read(string path)
    {
        try
        {
            using var csv = new CsvReader(path, InputFile.Open(path));
            csv.ReadHeader(Columns);
            var list = new MappingList();
            while (csv.ReadRow())
            {
                list.Add(csv);
            }

            return list;
        }
        catch (InvalidDataException e)
        {
            throw new UserErrorException(e.Message, e);
        }
    }

    private static ulong Address(CsvReader csv, int column, ulong max, int pages)
    {
        ulong address = csv.Hex(column, max);
        return address % ((ulong)pages << PageShift) == 0 ? address : throw csv.FieldError(column, "the address of such a page");
    }

    private void Add(CsvReader csv)
    {
        bool large = csv[2] switch
        {
            "4K" => false,
            "2M" => true,
            _ => throw csv.FieldError(2, "4K or 2M"),
        };
        int pages = large ? PagesInLargePage : 1;
        int first = (int)(Address(csv, 0, uint.MaxValue, pages) >> PageShift);
        ulong physical = Address(csv, 1, (1UL << 52) - 1, pages);

        ulong flags = 0;
        for (int i = 0; i < PageMapping.Flags.Length; i++)
        {
            flags |= csv.Bit(FirstFlagColumn + i) ? PageMapping.Flags[i].Bit : 0;
        }

        for (int i = 0; i < pages; i++)
        {
            if (_pages[first + i].IsMapped)
            {
                throw csv.Error("the page is listed already");
            }

            _pages[first + i] = new PageMapping(physical + ((ulong)i << PageShift), large, flags);
        }
    }
}
