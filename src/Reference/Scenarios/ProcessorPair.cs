using X86Pae.Reference.Specification;
using static X86Pae.Reference.Scenarios.ScenarioMismatchException;

namespace X86Pae.Reference.Scenarios;

/// <summary>A processor under test and the same one of the specification; every step is taken on both.</summary>
internal sealed class ProcessorPair(IMmuAdapter mmu, SpecProcessor specification, MmuProfile profile)
{
    private static readonly SpecRegister[] Compared = [SpecRegister.Cr0, SpecRegister.Cr3, SpecRegister.Cr4, SpecRegister.Efer];

    public IMmuAdapter Mmu => mmu;

    public SpecProcessor Specification => specification;

    public void WriteRegister(SpecRegister register, ulong value)
    {
        SpecWrite expected = specification.Write(register, value);
        bool done = mmu.WriteRegister(register, value);
        if (done == expected.GeneralProtection)
        {
            throw new ScenarioMismatchException(
                $"write of {value:X} to {register}: specification {Ending(!done)}, MMU {Ending(done)}",
                RuleFinder.OfWrite(specification, register, value, expected));
        }

        static string Ending(bool done) => done ? "done" : "#GP(0)";
    }

    public void SwitchTask(uint cr3)
    {
        SpecTaskSwitch expected = specification.SwitchTask(cr3);
        SpecTaskSwitch actual = mmu.SwitchTask(cr3);
        ThrowUnlessEqual(Visible(expected), Visible(actual), "task switch", Rule.TaskSwitch);

        // Whether there was anything to do shows in nothing but what is cached.
        static SpecTaskSwitch Visible(SpecTaskSwitch load) =>
            load == SpecTaskSwitch.NothingToDo ? SpecTaskSwitch.Loaded : load;
    }

    public void MaskA20(bool masked)
    {
        specification.MaskA20(masked);
        mmu.SetA20Masked(masked);
    }

    public void Invlpg(uint linear)
    {
        specification.Invlpg(linear);
        mmu.InvalidatePage(linear);
    }

    public void Invpcid(uint type, ulong low, ulong high)
    {
        SpecInstruction expected = specification.Invpcid(type, low, high);
        ThrowUnlessEqual(expected, mmu.Invpcid(type, low, high), "INVPCID", Rule.Invpcid);
    }

    public void FlushAll()
    {
        specification.FlushAll();
        mmu.FlushAll();
    }

    /// <summary>The registers must be as the manual says; a value that was refused must have changed nothing.</summary>
    public void CompareRegisters()
    {
        if (!profile.Has(MmuCapabilities.RegisterChecks))
        {
            return;
        }

        foreach (SpecRegister register in Compared)
        {
            Compare(register);
        }

        if (profile.Has(MmuCapabilities.Pat))
        {
            Compare(SpecRegister.Pat);
        }
    }

    private void Compare(SpecRegister register) => ThrowUnlessEqual(
        specification.Registers.Read(register), mmu.ReadRegister(register), register.ToString(), Rule.RegisterWrites);
}
