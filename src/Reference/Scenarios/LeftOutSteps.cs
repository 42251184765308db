using X86Pae.Reference.Specification;

namespace X86Pae.Reference.Scenarios;

/// <summary>Decides which steps an MMU cannot take, and counts the cases among them.</summary>
internal sealed class LeftOutSteps(MmuProfile profile)
{
    /// <summary>No cases.</summary>
    public static readonly IReadOnlyDictionary<string, long> Nothing = new Dictionary<string, long>();

    private readonly Dictionary<string, long> _counts = [];

    /// <summary>Number of cases left out, by what they need.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>Whether a step is to be left out now.</summary>
    /// <param name="step">The step.</param>
    /// <param name="processor">The processor that would take it, as it is before.</param>
    public bool Contains(ScenarioStep step, SpecProcessor processor)
    {
        string? need = Need(step, processor);
        if (need is null)
        {
            return false;
        }

        _counts[need] = _counts.GetValueOrDefault(need) + 1;
        return true;
    }

    private string? Need(ScenarioStep step, SpecProcessor processor) => step.Kind switch
    {
        StepKind.Operand or StepKind.CompareExchange => Unless(MmuCapabilities.Operands, "accesses to data, in one page or two"),
        StepKind.Invpcid => profile.Features.Invpcid ? null : "INVPCID",
        StepKind.SwitchTask => Unless(MmuCapabilities.TaskSwitch, "task switches"),
        StepKind.MaskA20 => Unless(MmuCapabilities.A20, "A20M#"),
        StepKind.WritePat => Unless(MmuCapabilities.Pat, "IA32_PAT"),
        StepKind.WriteCr0 or StepKind.WriteCr3 or StepKind.WriteCr4 or StepKind.WriteEfer => NeedOfWrite(step, processor),
        _ => null,
    };

    private string? Unless(MmuCapabilities capability, string need) => profile.Has(capability) ? null : need;

    /// <summary>Makes the write on a copy of the registers to see what would become of it.</summary>
    private string? NeedOfWrite(ScenarioStep step, SpecProcessor processor)
    {
        SpecRegisters after = processor.Registers.Freeze();
        if (after.Write(step.Register, step.Value).GeneralProtection)
        {
            return Unless(MmuCapabilities.RegisterChecks, "register writes that raise #GP(0)");
        }

        return !after.Pg ? null
            : after.Pae ? Unless(MmuCapabilities.PaePaging, "PAE paging")
            : Unless(MmuCapabilities.TwoLevelPaging, "two-level paging");
    }
}
