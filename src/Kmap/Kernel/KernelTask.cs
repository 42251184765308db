using X86Pae.Smp;

namespace X86Pae.Kmap.Kernel;

/// <summary>A task of the emulated kernel; made by <see cref="GuestKernel.NewTask"/>.</summary>
public sealed class KernelTask
{
    internal KernelTask(GuestKernel kernel, int number, int pid)
    {
        Kernel = kernel;
        Number = number;
        Pid = pid;
    }

    /// <summary>Process identifier; 0 for the idle task of each CPU.</summary>
    public int Pid { get; }

    /// <summary>Whether it waits in a <see cref="WaitQueueHead"/>, and must not run until it is woken.</summary>
    public bool IsSleeping { get; internal set; }

    /// <summary>The kernel it belongs to.</summary>
    internal GuestKernel Kernel { get; }

    /// <summary>Its place among the kernel's tasks, from 0 in the order of their creation.</summary>
    internal int Number { get; }
}

/// <summary>What a strategy keeps for each task, as Linux keeps <c>struct kmap_ctrl</c> in <c>task_struct</c>.</summary>
/// <typeparam name="TState">The state of one task.</typeparam>
/// <param name="create">Makes the state of a task that has none yet; called once for each task of one kernel.</param>
public sealed class PerTask<TState>(Func<TState> create)
    where TState : class
{
    private readonly Func<TState> _create = create ?? throw new ArgumentNullException(nameof(create));
    private TState?[] _states = new TState?[16];

    /// <summary>The state of a task.</summary>
    /// <param name="task">The task; all tasks that are asked for belong to one kernel.</param>
    public TState this[KernelTask task]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(task);
            TState?[] states = _states;
            return (uint)task.Number < (uint)states.Length && states[task.Number] is { } state ? state : Add(task.Number);
        }
    }

    private TState Add(int number)
    {
        if (number >= _states.Length)
        {
            Array.Resize(ref _states, Math.Max(number + 1, 2 * _states.Length));
        }

        return _states[number] = _create();
    }
}

/// <summary>Tasks that sleep until a condition may have changed; all are woken at once, and test it again.</summary>
/// <param name="kernel">The kernel.</param>
/// <remarks>Sleeping and waking cost no cycles: how a kernel schedules is not modelled.</remarks>
public sealed class WaitQueueHead(GuestKernel kernel)
{
    private readonly GuestKernel _kernel = kernel ?? throw new ArgumentNullException(nameof(kernel));
    private readonly List<KernelTask> _sleepers = [];

    /// <summary>Whether nobody waits.</summary>
    public bool IsEmpty => _sleepers.Count == 0;

    /// <summary>Puts the task that runs on a CPU to sleep; it asks again when it is woken.</summary>
    /// <param name="processor">The CPU.</param>
    /// <exception cref="ArgumentException"><paramref name="processor"/> is not one of the kernel's machine.</exception>
    public void Sleep(Processor processor)
    {
        KernelTask task = _kernel.Current(processor);
        task.IsSleeping = true;
        _sleepers.Add(task);
    }

    /// <summary>Wakes everybody.</summary>
    /// <param name="processor">The CPU that wakes them.</param>
    /// <exception cref="ArgumentException"><paramref name="processor"/> is not one of the kernel's machine.</exception>
    public void WakeAll(Processor processor)
    {
        _kernel.ThrowIfForeign(processor);
        if (_sleepers.Count == 0)
        {
            return;
        }

        foreach (KernelTask task in _sleepers)
        {
            task.IsSleeping = false;
        }

        _sleepers.Clear();
    }
}
