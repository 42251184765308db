using X86Pae.Kmap.Kernel;
using X86Pae.Kmap.Traces;
using X86Pae.Smp;

namespace X86Pae.Kmap.Replay;

/// <summary>The emulated task of each recorded one.</summary>
internal sealed class EmulatedTasks
{
    private readonly GuestKernel _kernel;
    private readonly Dictionary<TaskId, KernelTask> _tasks = [];

    /// <summary>Knows the idle tasks, which run on every CPU after boot.</summary>
    /// <param name="kernel">The kernel, just booted.</param>
    public EmulatedTasks(GuestKernel kernel)
    {
        _kernel = kernel;
        foreach (Processor processor in kernel.Machine.Processors)
        {
            _tasks.Add(TaskId.On(0, processor.Index), kernel.Current(processor));
        }
    }

    /// <summary>Finds or creates the task.</summary>
    /// <param name="id">The recorded task.</param>
    public KernelTask this[TaskId id]
    {
        get
        {
            if (!_tasks.TryGetValue(id, out KernelTask? task))
            {
                _tasks.Add(id, task = _kernel.NewTask(id.Pid));
            }

            return task;
        }
    }
}
