// Starts the loads of several walks at once, so that their cache misses overlap. Three passes over a batch of addresses:
//
//   directory entries   prefetched
//   directory entries   read, and the table entries they lead to prefetched
//   (the caller)        walks one after another, and finds the entries in the host's cache
//
// Only plain RAM is read, through its address in host memory: a device behind a table address sees no access.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using X86Pae.Memory;

namespace X86Pae.Paging;

/// <summary>Prefetches the table entries of a batch of walks into the host's cache. The guest sees no effect of it.</summary>
internal static unsafe class TablePrefetcher
{
    /// <summary>Largest batch: about as many loads as a core of the host keeps in flight.</summary>
    public const int MaxBatch = 32;

    /// <summary>Prefetches the directory and table entry of each address.</summary>
    /// <param name="bus">The memory that holds the tables.</param>
    /// <param name="state">Control state of the walks; nothing is done unless it is PAE paging with PDPTE registers.</param>
    /// <param name="addresses">At most <see cref="MaxBatch"/> linear addresses.</param>
    [SkipLocalsInit]
    public static void Prefetch<TBus>(ref TBus bus, in PagingState state, ReadOnlySpan<uint> addresses)
        where TBus : struct, IBus
    {
        if (!Sse.IsSupported || state.Mode != PagingMode.Pae || state.PdpteOnDemand)
        {
            return;
        }

        nint* entries = stackalloc nint[MaxBatch];
        for (int i = 0; i < addresses.Length; i++)
        {
            uint linear = addresses[i];
            ulong pdpte = state.Pdptes[(int)(linear >> 30)];
            entries[i] = (pdpte & EntryBits.Present) != 0
                ? HostEntry(ref bus, PageWalker.DirectoryEntryAddress(pdpte, linear, in state))
                : 0;
            Sse.Prefetch0((void*)entries[i]); // a prefetch of address 0 does nothing
        }

        for (int i = 0; i < addresses.Length; i++)
        {
            ulong pde = entries[i] != 0 ? Volatile.Read(ref *(ulong*)entries[i]) : 0;
            if ((pde & (EntryBits.Present | EntryBits.LargePage)) == EntryBits.Present)
            {
                Sse.Prefetch0((void*)HostEntry(ref bus, PageWalker.TableEntryAddress(pde, addresses[i], in state)));
            }
        }
    }

    private static nint HostEntry<TBus>(ref TBus bus, ulong address)
        where TBus : struct, IBus
    {
        nint page = bus.HostPage(address, forWrite: false);
        return page == 0 ? 0 : page + (nint)(address & 0xFFF);
    }
}
