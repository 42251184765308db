using X86Pae.Timing;

namespace X86Pae.Lab.Sweeps;

/// <summary>One of the things whose order by cost is swept.</summary>
/// <typeparam name="TResult">What a run of it yields.</typeparam>
/// <param name="Name">What it is called in reports.</param>
/// <param name="Run">
/// Runs it on processors of a model. A function of the model alone; called from several threads at once, each time with
/// another model.
/// </param>
/// <param name="Cost">What the run cost, in cycles or cycles for each operation; less is better.</param>
public sealed record Contender<TResult>(string Name, Func<CpuModel, TResult> Run, Func<TResult, double> Cost)
    where TResult : IEquatable<TResult>;
