using X86Pae.Smp;

namespace X86Pae.Tests.Smp;

/// <summary>Runs the scripts of a scenario on an engine.</summary>
internal readonly struct ScriptProgram(NaiveScenario scenario) : IProgram
{
    private readonly int[] _next = new int[scenario.Scripts.Length];
    private readonly SimulatedLock[] _locks = [new SimulatedSpinLock(), new SimulatedSpinLock(), new SimulatedMutex()];
    private readonly WaitChannel _channel = new();

    public ProcessorOperation NextOperation(Processor processor)
    {
        NaiveStep[] script = scenario.Scripts[processor.Index];
        int next = _next[processor.Index]++;
        if (next >= script.Length)
        {
            return ProcessorOperation.Halt;
        }

        NaiveStep step = script[next];
        var flush = TlbFlush.Range(0x1000, 0x1000 + (Math.Max(1, (uint)step.Number) * 0x1000));
        return step.Kind switch
        {
            NaiveKind.Compute => ProcessorOperation.Compute(step.Number),
            NaiveKind.InterruptsOff => ProcessorOperation.DisableInterrupts,
            NaiveKind.InterruptsOn => ProcessorOperation.EnableInterrupts,
            NaiveKind.Acquire => ProcessorOperation.Acquire(_locks[step.Number]),
            NaiveKind.Release => ProcessorOperation.Release(_locks[step.Number]),
            NaiveKind.SleepReleasing => ProcessorOperation.Sleep(_channel, _locks[step.Number]),
            NaiveKind.WakeOne => ProcessorOperation.WakeOne(_channel),
            NaiveKind.WakeAll => ProcessorOperation.WakeAll(_channel),
            _ when step.Processors is { } some => ProcessorOperation.Shootdown(flush, some),
            _ => ProcessorOperation.Shootdown(flush),
        };
    }
}
