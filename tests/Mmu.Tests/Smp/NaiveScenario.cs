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
