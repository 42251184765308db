using X86Pae.Reference.Specification;

namespace X86Pae.Reference;

/// <summary>What an MMU may remember of the tables.</summary>
public enum MmuCaching
{
    /// <summary>Nothing: every access is answered from memory as it is, but for the PDPTE registers.</summary>
    None,

    /// <summary>What accesses have used. It may forget at any time, and must where the architecture says so.</summary>
    OnUse,

    /// <summary>Also what nobody has asked for: walks made on speculation may set A at any time.</summary>
    Speculative,
}

/// <summary>An MMU as the checks use it: one processor and its physical memory. The author of an emulator implements this.</summary>
/// <remarks>
/// The first group of members is all that an MMU needs. Each of the others belongs to one of <see cref="MmuCapabilities"/> and is
/// called only if the profile declares that. An adapter that is <see cref="IDisposable"/> is disposed of after its scenario. A
/// fault is a result; an exception from a member counts as a failure of the case.
/// </remarks>
public interface IMmuAdapter
{
    /// <summary>What the MMU may remember.</summary>
    MmuCaching Caching => MmuCaching.OnUse;

    /// <summary>Reads memory as it is, past the MMU.</summary>
    /// <param name="address">Physical byte address; the bytes lie in one 4-KiB page and below the memory's end.</param>
    /// <param name="bytes">Receives them.</param>
    void ReadPhysical(ulong address, Span<byte> bytes);

    /// <summary>Writes memory past the MMU, as another processor or a device would: the MMU must not be told.</summary>
    /// <param name="address">Physical byte address; the bytes lie in one 4-KiB page, which may be beyond the memory's end.</param>
    /// <param name="bytes">The bytes.</param>
    void WritePhysical(ulong address, ReadOnlySpan<byte> bytes);

    /// <summary>The content of a register.</summary>
    /// <param name="which">The register.</param>
    ulong ReadRegister(SpecRegister which);

    /// <summary>MOV to a control register or WRMSR, with everything that it entails: PDPTE loads, invalidation.</summary>
    /// <param name="which">The register.</param>
    /// <param name="value">The value; 32 bits for a control register.</param>
    /// <returns>False if the write raises #GP(0), and then nothing has changed.</returns>
    bool WriteRegister(SpecRegister which, ulong value);

    /// <summary>Translates for one access, up to the data: checks its rights and sets A and D in the tables.</summary>
    /// <param name="linear">Linear byte address.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <returns>The physical address, or the page fault.</returns>
    SpecOutcome Translate(uint linear, SpecAccess access);

    /// <summary>INVLPG.</summary>
    /// <param name="linear">Its operand, any address in the page.</param>
    void InvalidatePage(uint linear);

    /// <summary>Forgets all that is cached of the tables, global pages included; registers stay.</summary>
    void FlushAll();

    /// <summary>A translation that changes nothing, neither memory nor caches; for <see cref="MmuCapabilities.Probe"/>.</summary>
    /// <param name="linear">Linear byte address.</param>
    /// <param name="access">What would be done, and by whom.</param>
    SpecOutcome Probe(uint linear, SpecAccess access) => throw new NotSupportedException();

    /// <summary>
    /// Loads, fetches, stores, or flips bits in one read-modify-write; for <see cref="MmuCapabilities.Operands"/>. An operand may
    /// lie in two pages.
    /// </summary>
    /// <param name="linear">Linear address of the first byte.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="value">1, 2, 4, 8 or 16 bytes: what is stored, or which bits a read-modify-write flips.</param>
    /// <param name="found">As long: receives what a load, a fetch or a read-modify-write has found.</param>
    /// <param name="pages">Two elements: receive the physical address of the first byte in each page.</param>
    /// <returns>The fault, or any outcome that is none.</returns>
    SpecOutcome Access(uint linear, SpecAccess access, ReadOnlySpan<byte> value, Span<byte> found, Span<ulong> pages) =>
        throw new NotSupportedException();

    /// <summary>CMPXCHG or CMPXCHG8B with LOCK; for <see cref="MmuCapabilities.Operands"/>.</summary>
    /// <param name="linear">Linear address, a multiple of <paramref name="size"/>.</param>
    /// <param name="access">A read-modify-write.</param>
    /// <param name="size">4 or 8 bytes.</param>
    /// <param name="expected">The value that is replaced, in the low bits.</param>
    /// <param name="desired">The value that replaces it, in the low bits.</param>
    /// <param name="pages">Two elements: the first receives the physical address.</param>
    /// <param name="swapped">Whether the value was replaced.</param>
    /// <returns>The fault, or any outcome that is none.</returns>
    SpecOutcome CompareExchange(
        uint linear, SpecAccess access, int size, ulong expected, ulong desired, Span<ulong> pages, out bool swapped) =>
        throw new NotSupportedException();

    /// <summary>INVPCID, where CPUID enumerates it.</summary>
    /// <param name="type">Its register operand.</param>
    /// <param name="low">Bits 63:0 of the descriptor, the PCID.</param>
    /// <param name="high">Bits 127:64 of the descriptor, the linear address.</param>
    SpecInstruction Invpcid(uint type, ulong low, ulong high) => throw new NotSupportedException();

    /// <summary>The CR3 load of a task switch; for <see cref="MmuCapabilities.TaskSwitch"/>.</summary>
    /// <param name="cr3">CR3 of the new task.</param>
    SpecTaskSwitch SwitchTask(uint cr3) => throw new NotSupportedException();

    /// <summary>A20M#: whether physical bit 20 is forced to 0; for <see cref="MmuCapabilities.A20"/>.</summary>
    /// <param name="masked">Whether it is, from now on.</param>
    void SetA20Masked(bool masked) => throw new NotSupportedException();
}
