using System.Runtime.CompilerServices;
using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Bench.HotPaths;

/// <summary>The same for walks without an MMU.</summary>
internal static class WalkLoops
{
    /// <summary>Walks tables in a span, as supervisor reads.</summary>
    [MethodImpl(CompiledOnce.AndForAll)]
    public static ulong WalkSpan<TAddressing>(
        Span<byte> memory, in PagingState state, uint[] addresses, TAddressing addressing)
        where TAddressing : struct, IAddressing
    {
        Access access = Access.SupervisorRead;
        ulong digest = 0;
        foreach (uint address in addresses)
        {
            digest ^= PageWalker.Walk(memory, in state, addressing.Next(address, (uint)digest), access).PhysicalAddress;
        }

        return digest;
    }

    /// <summary>Walks tables in a span that make every user write fault; error code and address are the result.</summary>
    [MethodImpl(CompiledOnce.AndForAll)]
    public static ulong FaultSpan(Span<byte> memory, in PagingState state, uint[] addresses)
    {
        Access access = Access.UserWrite;
        ulong digest = 0;
        foreach (uint address in addresses)
        {
            PageFault fault = PageWalker.Walk(memory, in state, address, access).Fault;
            digest ^= fault.Cr2 + (ulong)fault.ErrorCode;
        }

        return digest;
    }

    /// <summary>Walks tables in sparse RAM, as supervisor reads.</summary>
    [MethodImpl(CompiledOnce.AndForAll)]
    public static ulong WalkRam<TAddressing>(RamBus bus, in PagingState state, uint[] addresses, TAddressing addressing)
        where TAddressing : struct, IAddressing
    {
        Access access = Access.SupervisorRead;
        ulong digest = 0;
        foreach (uint address in addresses)
        {
            digest ^= PageWalker.Walk(ref bus, in state, addressing.Next(address, (uint)digest), access).PhysicalAddress;
        }

        return digest;
    }
}
