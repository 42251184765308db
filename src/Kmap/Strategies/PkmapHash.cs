using X86Pae.Kmap.Kernel;
using X86Pae.Smp;

namespace X86Pae.Kmap.Strategies;

/// <summary>The hash from page to pool slot: 128 buckets, each a list with a lock taken with interrupts off.</summary>
/// <remarks>
/// Source: Linux 6.12 mm/highmem.c (page_address_htable). There is one preallocated node for each slot, so a node's number
/// is its slot's.
/// </remarks>
internal sealed class PkmapHash
{
    private const int Order = 7;
    private const int None = -1;

    private readonly GuestKernel _kernel;
    private readonly KernelSpinLock[] _locks = new KernelSpinLock[1 << Order];
    private readonly int[] _heads = new int[1 << Order];
    private readonly int[] _next = new int[KernelLayout.PkmapSlots];
    private readonly PageFrame[] _frames = new PageFrame[KernelLayout.PkmapSlots];

    /// <summary>Creates an empty hash.</summary>
    /// <param name="kernel">The kernel.</param>
    public PkmapHash(GuestKernel kernel)
    {
        _kernel = kernel;
        Array.Fill(_heads, None);
        for (int i = 0; i < _locks.Length; i++)
        {
            _locks[i] = new KernelSpinLock();
        }
    }

    /// <summary>Finds the slot that maps a page (page_address).</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="frame">The page.</param>
    /// <returns>The slot, or a negative number.</returns>
    public int Find(Processor processor, PageFrame frame)
    {
        int bucket = Lock(processor, frame);
        int slot = _heads[bucket];
        int visited = 1;
        while (slot != None && _frames[slot] != frame)
        {
            slot = _next[slot];
            visited++;
        }

        GuestKernel.ChargeProbes(processor, visited);
        _locks[bucket].Release(processor);
        return slot;
    }

    /// <summary>Enters a page at the end of its bucket (set_page_address).</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="frame">The page.</param>
    /// <param name="slot">The slot that maps it.</param>
    public void Add(Processor processor, PageFrame frame, int slot)
    {
        int bucket = Lock(processor, frame);
        _frames[slot] = frame;
        _next[slot] = None;
        ref int link = ref _heads[bucket];
        while (link != None)
        {
            link = ref _next[link];
        }

        link = slot;
        GuestKernel.ChargeProbes(processor, 1); // a doubly linked list: its end is at hand
        _locks[bucket].Release(processor);
    }

    /// <summary>Removes the page that a slot maps.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="slot">The slot.</param>
    public void Remove(Processor processor, int slot)
    {
        int bucket = Lock(processor, _frames[slot]);
        int visited = 1;
        ref int link = ref _heads[bucket];
        while (link != slot)
        {
            link = ref _next[link];
            visited++;
        }

        link = _next[slot];
        GuestKernel.ChargeProbes(processor, visited);
        _locks[bucket].Release(processor);
    }

    private int Lock(Processor processor, PageFrame frame)
    {
        int bucket = (int)(((uint)frame.Number * 0x61C8_8647u) >> (32 - Order)); // hash_32
        _kernel.LockIrqSave(processor, _locks[bucket]);
        return bucket;
    }
}
