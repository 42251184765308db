using static X86Pae.Specification.SpecBits;


namespace X86Pae.Specification;

/// <summary>One processor: its registers, its walks, and what it may have cached.</summary>
public sealed class SpecProcessor
{
    private readonly SpecFeatures _features;
    private readonly SpecHistory _history;
    private SpecMemory _seen;
    private SpecRegisters _frozen;

    public SpecProcessor(SpecFeatures features, SpecOptions options, SpecMemory memory)
    {
        _features = features;
        Machine = new SpecMachine(features, options, memory);
        _history = new SpecHistory(Machine.Tables, options);
        _seen = memory.Freeze();
        _frozen = Machine.Registers.Freeze();
        Advance(SpecDropKind.Nothing);
    }

    public SpecMachine Machine { get; }

    public SpecRegisters Registers => Machine.Registers;

    public SpecWrite WriteCr0(uint value) => Written(Registers.WriteCr0(value));

    public SpecWrite WriteCr3(uint value) => Written(Registers.WriteCr3(value));

    public SpecWrite WriteCr4(uint value) => Written(Registers.WriteCr4(value));

    public SpecWrite WriteEfer(ulong value) => Written(Registers.WriteEfer(value));

    public SpecWrite WritePat(ulong value) => Written(Registers.WritePat(value));

    public SpecTaskSwitch SwitchTask(uint cr3)
    {
        SpecTaskSwitch result = Registers.SwitchTask(cr3);
        if (result is SpecTaskSwitch.Loaded or SpecTaskSwitch.InvalidTss)
        {
            RegistersChanged(SpecDropKind.NonGlobal);
        }

        return result;
    }

    public void MaskA20(bool masked)
    {
        if (Registers.A20Masked != masked)
        {
            Registers.A20Masked = masked;
            RegistersChanged(SpecDropKind.All);
        }
    }

    public void Invlpg(uint linear) => Advance(SpecDropKind.Page, linear);

    /// <summary>INVPCID with its faults (6.2): the descriptor's low half is the PCID, its high half the address.</summary>
    public SpecInstruction Invpcid(uint type, ulong low, ulong high)
    {
        bool canonical = high <= Mask(46, 0) || high >= Mask(63, 47);
        if (!_features.Invpcid)
        {
            return SpecInstruction.UndefinedOpcode;
        }

        if (type > 3 || (low & Mask(63, 12)) != 0 || (type is 0 or 1 && low != 0) || (type == 0 && !canonical))
        {
            return SpecInstruction.GeneralProtection;
        }

        if (type is 1 or 3)
        {
            Advance(SpecDropKind.NonGlobal);
        }
        else if (type == 2)
        {
            Advance(SpecDropKind.All);
        }
        else if (high <= Mask(31, 0))
        {
            Advance(SpecDropKind.NonGlobalPage, (uint)high);
        }

        return SpecInstruction.Done;
    }

    /// <summary>An access has raised a page fault.</summary>
    public void Faulted(uint cr2) => Advance(SpecDropKind.Fault, cr2);

    /// <summary>Something, on this processor or another, has changed memory.</summary>
    public void MemoryChanged(SpecMemory frozen)
    {
        _seen = frozen;
        Advance(SpecDropKind.Nothing);
    }

    /// <summary>Lists every outcome that an access may have now, the one by memory alone first.</summary>
    public void Permitted(uint linear, SpecAccess access, List<SpecPermitted> results) =>
        _history.Permitted(linear, access, results);

    private SpecWrite Written(SpecWrite write)
    {
        if (!write.GeneralProtection)
        {
            RegistersChanged(write.Required switch
            {
                SpecInvalidation.NonGlobal => SpecDropKind.NonGlobal,
                SpecInvalidation.All => SpecDropKind.All,
                _ => SpecDropKind.Nothing,
            });
        }

        return write;
    }

    private void RegistersChanged(SpecDropKind drop)
    {
        _frozen = Registers.Freeze();
        Advance(drop);
    }

    private void Advance(SpecDropKind drop, uint linear = 0) => _history.Advance(new SpecDrop(drop, linear), _frozen, _seen);
}
