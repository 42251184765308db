using System.Reflection;
using System.Text;
using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Replay;
using X86Pae.Kmap.Strategies;
using X86Pae.Kmap.Traces;
using X86Pae.Lab.AddressTraces;
using X86Pae.Lab.Comparison;
using X86Pae.Lab.Experiments;
using X86Pae.Lab.Shootdowns;
using X86Pae.Lab.Sweeps;
using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Reference;
using X86Pae.Reference.Library;
using X86Pae.Reference.Specification;
using X86Pae.Smp;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Packages.Tests.Surface;

/// <summary>One good value for each type that a public member asks for, so that only the argument under test is bad.</summary>
internal static class Samples
{
    private const string Trace = "# tracer: nop\n#\n# entries-in-buffer/entries-written: 0/0   #P:1\n#\n";

    // One for all, so that a processor is one of the machine it is passed to.
    private static readonly GuestKernel Kernel = GuestKernel.Boot(CpuModels.CoreDuo, processors: 1);

    private static readonly Dictionary<Type, Func<object>> Makers = new()
    {
        [typeof(string)] = () => "name",
        [typeof(Stream)] = () => new MemoryStream("{}"u8.ToArray()),
        [typeof(IEnumerable<uint>)] = () => new uint[] { 0 },
        [typeof(GuestMemory)] = () => new GuestMemory(1 << 20),
        [typeof(PhysicalMap)] = () => new PhysicalMap(new GuestMemory(1 << 20)),
        [typeof(RamBus)] = () => new RamBus(new GuestMemory(1 << 20)),
        [typeof(IMmioDevice)] = () => new NoDevice(),
        [typeof(ulong)] = () => 0x1000UL,
        [typeof(int)] = () => 8,
        [typeof(CpuFeatures)] = () => CpuFeatures.Pae36 with { Nx = true },
        [typeof(ControlRegisters)] = () => new ControlRegisters(CpuFeatures.Pae36),
        [typeof(PagingOptions)] = () => PagingOptions.Default,
        [typeof(TlbConfiguration)] = () => TlbConfiguration.Coherent,
        [typeof(InvalidationLog)] = () => new InvalidationLog(8),
        [typeof(Mmu<RamBus, NoTiming>)] = () => MmuFactory.CreateFunctional(new GuestMemory(1 << 20), CpuFeatures.Pae36),
        [typeof(CpuModel)] = () => CpuModels.CoreDuo,
        [typeof(Parameter)] = () => CpuModels.CoreDuo.MovCr3,
        [typeof(ProcessorClock)] = () => new ProcessorClock(CpuModels.CoreDuo),
        [typeof(CycleTiming)] = () => new CycleTiming(new ProcessorClock(CpuModels.CoreDuo)),
        [typeof(GuestKernel)] = () => Kernel,
        [typeof(Machine)] = () => Kernel.Machine,
        [typeof(Processor)] = () => Kernel.Machine.Processors[0],
        [typeof(KernelLayout)] = () => new KernelLayout(),
        [typeof(KernelTask)] = () => Kernel.NewTask(1),
        [typeof(IReadOnlyList<ComparedStrategy>)] = () => ComparedStrategy.BuiltIn,
        [typeof(ComparedStrategy)] = () => ComparedStrategy.BuiltIn[0],
        [typeof(ComparisonSettings)] = () => new ComparisonSettings(CpuModels.CoreDuo),
        [typeof(Func<GuestKernel, KmapLocal>)] = () => (GuestKernel kernel) => new KmapLocal(kernel),
        [typeof(IReadOnlyList<TouchedPage>)] = () => TouchedPage.InOrder(new PageFrame(0x10_0000), 1),
        [typeof(MappingExperiment)] = () => new MappingExperiment(CpuModels.CoreDuo, processors: 1),
        [typeof(KernelSpinLock)] = () => new KernelSpinLock(Kernel),
        [typeof(WaitQueueHead)] = () => new WaitQueueHead(Kernel),
        [typeof(Func<object>)] = () => () => new object(),
        [typeof(PerTask<object>)] = () => new PerTask<object>(() => new object()),
        [typeof(MappingTrace)] = OpenTrace,
        [typeof(Workload)] = () => Workload.FromTrace(OpenTrace(), "name"),
        [typeof(KmapLocal)] = () => new KmapLocal(Kernel),
        [typeof(KmapAtomic)] = () => new KmapAtomic(Kernel),
        [typeof(PersistentKmap)] = () => new PersistentKmap(Kernel),
        [typeof(Vmap)] = () => new Vmap(Kernel),
        [typeof(AddressTrace)] = () => AddressTrace.Read(new MemoryStream(new byte[8])),
        [typeof(SimulatedLock)] = () => new SimulatedSpinLock(),
        [typeof(EventEngine<NoProgram>)] = () => new EventEngine<NoProgram>(Kernel.Machine, default),
        [typeof(IReadOnlyList<Contender<ulong>>)] = () => new Contender<ulong>[] { new("name", _ => 1, cost => cost) },
        [typeof(IReadOnlyList<StrategyResult>)] = () => Array.Empty<StrategyResult>(),
        [typeof(IReadOnlyDictionary<int, TracedCounts>)] = () => new Dictionary<int, TracedCounts>(),
        [typeof(IReadOnlyList<SiblingRow>)] = () => Array.Empty<SiblingRow>(),
        [typeof(ShootdownSettings)] = () => new ShootdownSettings(CpuModels.CoreDuo, ShootdownOptions.Default),
        [typeof(IEnumerable<ShootdownPoint>)] = () => Array.Empty<ShootdownPoint>(),
        [typeof(IReadOnlyList<ShootdownPoint>)] = () => Array.Empty<ShootdownPoint>(),
        [typeof(SpecFeatures)] = () => new SpecFeatures(36),
        [typeof(SpecOptions)] = () => new SpecOptions(),
        [typeof(SpecMemory)] = () => new SpecMemory(1 << 20, openBus: 0xFF),
        [typeof(SpecProcessor)] = () => new SpecProcessor(new SpecFeatures(36), new SpecOptions(), new SpecMemory(1 << 20, 0xFF)),
        [typeof(LibraryMmuFactory)] = () => Mmus,
        [typeof(MmuProfile)] = () => LibraryMmuFactory.Profile,
        [typeof(Func<MmuSetup, IMmuAdapter>)] = () => (Func<MmuSetup, IMmuAdapter>)Mmus.Create,
        [typeof(Action<ReplayFailure>)] = () => (Action<ReplayFailure>)(_ => { }),
    };

    private static LibraryMmuFactory Mmus => new([TlbConfiguration.Coherent]);

    /// <summary>A good value of a type.</summary>
    public static object? Of(Type type)
    {
        Type asked = type.IsByRef ? type.GetElementType()! : type;
        return Makers.TryGetValue(asked, out Func<object>? make) ? make()
            : asked.IsValueType ? Activator.CreateInstance(asked)
            : throw new InvalidOperationException($"There is no sample of {asked}.");
    }

    /// <summary>A type with its type parameters given.</summary>
    public static Type Close(Type type) =>
        type.IsGenericTypeDefinition ? type.MakeGenericType([.. type.GetGenericArguments().Select(parameter => Argument(parameter)!)]) : type;

    /// <summary>A method with its type parameters given; null where there is no sample of one.</summary>
    public static MethodBase? Close(MethodBase method)
    {
        if (method is not MethodInfo { IsGenericMethodDefinition: true } generic)
        {
            return method;
        }

        Type?[] arguments = [.. generic.GetGenericArguments().Select(Argument)];
        return arguments.Contains(null) ? null : generic.MakeGenericMethod([.. arguments.OfType<Type>()]);
    }

    private static Type? Argument(Type parameter)
    {
        Type[] constraints = [.. parameter.GetGenericParameterConstraints().Where(constraint => constraint != typeof(ValueType))];
        Type[] candidates =
        [
            typeof(RamBus), typeof(NoTiming), typeof(NoObserver), typeof(NoHandler), typeof(NoUpdate), typeof(NoProgram),
            typeof(KmapLocal), typeof(ulong),
        ];
        bool isClass = parameter.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint);
        return constraints.Length == 0
            ? isClass ? typeof(object) : typeof(ulong)
            : candidates.FirstOrDefault(candidate => constraints.All(constraint => Satisfies(candidate, constraint)));
    }

    private static bool Satisfies(Type candidate, Type constraint) => constraint.IsGenericType
        ? candidate.GetInterfaces().Any(each => each.IsGenericType && each.GetGenericTypeDefinition() == constraint.GetGenericTypeDefinition())
        : constraint.IsAssignableFrom(candidate);

    private static MappingTrace OpenTrace() =>
        MappingTrace.Open(new MemoryStream(Encoding.UTF8.GetBytes(Trace)), "name");

    private readonly struct NoObserver : IWalkObserver
    {
        public void EntryLoaded(WalkLevel level, ulong address, ulong entry)
        {
        }

        public void EntryUpdated(WalkLevel level, ulong address, ulong entry)
        {
        }
    }

    private sealed class NoDevice : IMmioDevice
    {
        public ulong Load(ulong offset, int sizeInBytes) => 0;

        public void Store(ulong offset, int sizeInBytes, ulong value)
        {
        }
    }

    private struct NoHandler : IInterruptHandler
    {
        public readonly void Handle(Processor processor)
        {
        }
    }

    private struct NoProgram : IProgram
    {
        public readonly ProcessorOperation NextOperation(Processor processor) => default;
    }

    private struct NoUpdate : IMemoryUpdate<ulong>
    {
        public readonly ulong Apply(ulong value) => value;
    }
}
