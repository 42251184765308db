// The paging unit without caches: rules C20 to C34 for rights and faults, C40 to C45 for A and D.

using static X86Pae.Reference.Specification.SpecBits;

namespace X86Pae.Reference.Specification;

/// <summary>An executable specification: obviously correct, without caches or speed, and without a line shared with the library.</summary>
internal sealed class SpecMachine(SpecFeatures features, SpecOptions options, SpecMemory memory)
{
    public SpecRegisters Registers { get; } = new(features, options, memory);

    public SpecTables Tables { get; } = new(features, options);

    public SpecMemory Memory => memory;

    /// <summary>Translates one linear address for one access.</summary>
    public SpecOutcome Translate(uint linear, SpecAccess access)
    {
        if (!Registers.Pg)
        {
            return SpecOutcome.Identity(Registers, linear);
        }

        SpecPde pde = Tables.Pde(Registers, memory, linear);
        if (pde.Problem != SpecProblem.None)
        {
            return SpecOutcome.Fault(Registers, linear, access, pde.Problem);
        }

        if (!pde.IsLarge && !options.AccessedOnlyOnSuccess)
        {
            SetBits(pde.Address, Mask(5, 5));
        }

        SpecPage page = pde.IsLarge
            ? SpecTables.LargePage(Registers, pde, linear)
            : Tables.TablePage(Registers, memory, pde.Value, linear);
        SpecOutcome outcome = SpecOutcome.Of(Registers, linear, access, page);
        if (!outcome.IsFault)
        {
            SetBits(pde.Address, Mask(5, 5));
            SetBits(page.LeafAddress, Mask(5, 5) | (access.IsWrite ? Mask(6, 6) : 0));
        }

        return outcome;
    }

    private void SetBits(ulong address, ulong bits) =>
        memory.Store(address, Registers.EntrySize, memory.Load(address, Registers.EntrySize) | bits);
}
