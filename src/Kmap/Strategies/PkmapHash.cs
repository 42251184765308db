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
            _locks[i] = new KernelSpinLock(kernel);
        }
    }

    /// <summary>Finds the slot that maps a page (page_address).</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="frame">The page.</param>
    /// <returns>The slot, or a negative number.</returns>
    public int Find(Processor processor, PageFrame frame)
    {
        int bucket = BucketOf(frame);
        bool flags = _locks[bucket].LockIrqSave(processor);
        int slot = _heads[bucket];
        int visited = 1;
        while (slot != None && _frames[slot] != frame)
        {
            slot = _next[slot];
            visited++;
        }

        _kernel.ChargeProbes(processor, visited);
        _locks[bucket].UnlockIrqRestore(processor, flags);
        return slot;
    }

    /// <summary>Enters a page at the end of its bucket (set_page_address).</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="frame">The page.</param>
    /// <param name="slot">The slot that maps it.</param>
    public void Add(Processor processor, PageFrame frame, int slot)
    {
        int bucket = BucketOf(frame);
        bool flags = _locks[bucket].LockIrqSave(processor);
        _frames[slot] = frame;
        _next[slot] = None;
        ref int link = ref _heads[bucket];
        while (link != None)
        {
            link = ref _next[link];
        }

        link = slot;
        _kernel.ChargeProbes(processor, 1); // a doubly linked list: its end is at hand
        _locks[bucket].UnlockIrqRestore(processor, flags);
    }

    /// <summary>Removes the page that a slot maps.</summary>
    /// <param name="processor">The CPU.</param>
    /// <param name="slot">The slot.</param>
    public void Remove(Processor processor, int slot)
    {
        int bucket = BucketOf(_frames[slot]);
        bool flags = _locks[bucket].LockIrqSave(processor);
        int visited = 1;
        ref int link = ref _heads[bucket];
        while (link != slot)
        {
            link = ref _next[link];
            visited++;
        }

        link = _next[slot];
        _kernel.ChargeProbes(processor, visited);
        _locks[bucket].UnlockIrqRestore(processor, flags);
    }

    /// <summary>hash_32 of the page frame number.</summary>
    private static int BucketOf(PageFrame frame) => (int)(((uint)frame.Number * 0x61C8_8647u) >> (32 - Order));
}
