using X86Pae.Kmap.Traces;
using X86Pae.Lab.Comparison;

namespace X86Pae.Lab.Tests.Comparison;

/// <summary>The workload of a small recording.</summary>
internal static class TraceWorkload
{
    public static Workload ToWorkload(this TraceText text)
    {
        using MappingTrace trace = text.Open();
        return Workload.FromTrace(trace, TraceText.Name);
    }
}
