namespace X86Pae.Kmap.Kernel;

/// <summary>Tasks that sleep until a condition may have changed; all are woken at once, and test it again.</summary>
internal sealed class WaitQueue
{
    private readonly List<KernelTask> _waiters = [];

    /// <summary>Whether nobody waits.</summary>
    public bool IsEmpty => _waiters.Count == 0;

    /// <summary>Puts a task to sleep.</summary>
    /// <param name="task">The task that runs.</param>
    public void Sleep(KernelTask task)
    {
        task.IsSleeping = true;
        _waiters.Add(task);
    }

    /// <summary>Wakes everybody.</summary>
    public void WakeAll()
    {
        foreach (KernelTask task in _waiters)
        {
            task.IsSleeping = false;
        }

        _waiters.Clear();
    }
}
