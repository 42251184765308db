using X86Pae.CheckYourMmu;
using X86Pae.Reference;
using X86Pae.Reference.Specification;

var mistakes = new Dictionary<string, Mistake>
{
    ["reserved-bits"] = Mistake.ReservedBits,
    ["write-protect"] = Mistake.WriteProtect,
    ["clean-page"] = Mistake.CleanPage,
    ["large-page"] = Mistake.LargePage,
};
Mistake mistake = Mistake.None;
bool isUnderstood = args.Length == 0 || (args is ["--mistake", _] && mistakes.TryGetValue(args[1], out mistake));
if (!isUnderstood)
{
    Console.Error.WriteLine($"usage: CheckYourMmu [--mistake {string.Join('|', mistakes.Keys)}]");
    return 2;
}

PlainPager Create(MmuSetup setup) => new(setup, mistake);

// What the pager can do: PAE paging with execute-disable, any width of physical addresses, and global pages (which it forgets
// like all others). No two-level paging, no SMEP, no SMAP.
var profile = new MmuProfile
{
    Capabilities = MmuCapabilities.PaePaging | MmuCapabilities.RegisterChecks,
    Features = new SpecFeatures(52) { Pse36 = false, Smep = false, Smap = false, Invpcid = false },
    FeaturesAreFixed = false,
    MaxMemorySizeInBytes = 1UL << 40,
};

List<ConformanceReport> reports = [Conformance.Check(Create, profile, seed: 1, cases: 200_000)];
reports.AddRange(RecordedWalks.Names.Select(name => RecordedWalks.Check(Create, profile, name)));
Console.WriteLine(string.Join(Environment.NewLine + Environment.NewLine, reports));
return reports.TrueForAll(report => report.Passes) ? 0 : 1;
