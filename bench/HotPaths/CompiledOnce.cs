using System.Runtime.CompilerServices;

namespace X86Pae.Bench.HotPaths;

/// <summary>How the loops that are measured are compiled: fully at the first call, and as methods of their own.</summary>
/// <remarks>
/// Otherwise a short job measures what the JIT replaces after 30 calls; and a benchmark that only calls a loop would, once it is
/// compiled again, take the loop in, which is then other machine code than before, with other variables in registers.
/// </remarks>
internal static class CompiledOnce
{
    public const MethodImplOptions AndForAll = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
}
