using X86Pae.Smp;

namespace X86Pae.Tests.Smp;

/// <summary>A made-up machine and what its processors do.</summary>
internal sealed class NaiveScenario
{
    private const int Locks = 3; // the last one is a mutex

    private NaiveScenario(int seed)
    {
        var random = new Random(seed);
        Costs = NaiveCosts.Random(random);
        int processors = random.Next(1, 7);
        Options = new ShootdownOptions
        {
            Delivery = (IpiDelivery)random.Next(3),
            Requests = (RequestPassing)random.Next(2),
            Acknowledgement = (Acknowledgement)random.Next(2),
            LocalFlush = (LocalFlush)random.Next(2),
            Coalesces = random.Next(3) != 0,
            ProcessorsPerPackage = random.Next(2) == 0 ? null : 2,
        };
        Scripts = new NaiveStep[processors][];
        UserMode = new bool[processors];
        for (int i = 0; i < processors; i++)
        {
            UserMode[i] = random.Next(4) == 0;
            Scripts[i] = [.. Script(random, processors)];
        }
    }

    public NaiveCosts Costs { get; }

    public ShootdownOptions Options { get; }

    public NaiveStep[][] Scripts { get; }

    public bool[] UserMode { get; }

    public static NaiveScenario Create(int seed) => new(seed);

    private static IEnumerable<NaiveStep> Script(Random random, int processors)
    {
        for (int i = random.Next(12); i > 0; i--)
        {
            switch (random.Next(9))
            {
                case 0 or 1:
                    yield return Compute(random);
                    break;
                case 2 or 3 or 4:
                    yield return Shootdown(random, processors);
                    break;
                case 5:
                    yield return new NaiveStep(NaiveKind.InterruptsOff);
                    yield return Compute(random);
                    yield return new NaiveStep(NaiveKind.InterruptsOn);
                    break;
                case 6:
                    int taken = random.Next(Locks);
                    bool irqSave = random.Next(3) == 0;
                    if (irqSave)
                    {
                        yield return new NaiveStep(NaiveKind.InterruptsOff);
                    }

                    yield return new NaiveStep(NaiveKind.Acquire, taken);
                    yield return irqSave || random.Next(2) == 0 ? Compute(random) : Shootdown(random, processors);
                    yield return new NaiveStep(NaiveKind.Release, taken);
                    if (irqSave)
                    {
                        yield return new NaiveStep(NaiveKind.InterruptsOn);
                    }

                    break;
                case 7:
                    yield return new NaiveStep(random.Next(2) == 0 ? NaiveKind.WakeOne : NaiveKind.WakeAll);
                    break;
                case 8 when random.Next(3) == 0:
                    int held = random.Next(Locks);
                    yield return new NaiveStep(NaiveKind.Acquire, held);
                    yield return new NaiveStep(NaiveKind.SleepReleasing, held);
                    break;
            }
        }
    }

    private static NaiveStep Compute(Random random) => new(NaiveKind.Compute, random.Next(20));

    private static NaiveStep Shootdown(Random random, int processors)
    {
        ProcessorSet set = default;
        for (int i = 0; i < processors; i++)
        {
            if (random.Next(4) != 0)
            {
                set.Add(i);
            }
        }

        return new NaiveStep(NaiveKind.Shootdown, random.Next(1, 4)) { Processors = random.Next(2) == 0 ? null : set };
    }
}

/// <summary>One step of a script.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Number">Cycles, number of the lock, or number of pages.</param>
internal sealed record NaiveStep(NaiveKind Kind, int Number = 0)
{
    /// <summary>Whom a shootdown reaches; null for all.</summary>
    public ProcessorSet? Processors { get; init; }
}

internal enum NaiveKind
{
    Compute,
    InterruptsOff,
    InterruptsOn,
    Acquire,
    Release,
    SleepReleasing,
    WakeOne,
    WakeAll,
    Shootdown,
}

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
