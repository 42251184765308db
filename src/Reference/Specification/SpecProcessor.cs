using static X86Pae.Reference.Specification.SpecBits;

namespace X86Pae.Reference.Specification;

/// <summary>What an instruction that invalidates raises instead of doing its work.</summary>
public enum SpecInstruction
{
    /// <summary>It raises nothing.</summary>
    Done,

    /// <summary>#UD.</summary>
    UndefinedOpcode,

    /// <summary>#GP(0).</summary>
    GeneralProtection,
}

/// <summary>One processor of the specification: its registers, its walks, and what it may have cached.</summary>
/// <remarks>
/// Tell it all that happens to a processor and ask it with <see cref="Permitted"/> what an access may come to. What it does not
/// permit is an error of the processor; where it permits more than one outcome, software has left out an invalidation.
/// </remarks>
public sealed class SpecProcessor
{
    private readonly SpecFeatures _features;
    private readonly SpecHistory _history;
    private SpecMemory _seen;
    private SpecRegisters _frozen;

    /// <summary>Creates a processor as it is after reset.</summary>
    /// <param name="features">What CPUID enumerates.</param>
    /// <param name="options">The choices that the architecture leaves open.</param>
    /// <param name="memory">Physical memory; other processors may share it.</param>
    public SpecProcessor(SpecFeatures features, SpecOptions options, SpecMemory memory)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(memory);
        _features = features;
        Machine = new SpecMachine(features, options, memory);
        _history = new SpecHistory(Machine.Tables, options);
        _seen = memory.Freeze();
        _frozen = Machine.Registers.Freeze();
        Advance(SpecDropKind.Nothing);
    }

    /// <summary>The registers.</summary>
    public SpecRegisters Registers => Machine.Registers;

    /// <summary>The processor without caches.</summary>
    internal SpecMachine Machine { get; }

    /// <summary>What the processor has been through.</summary>
    internal SpecHistory History => _history;

    /// <summary>What CPUID enumerates.</summary>
    internal SpecFeatures Features => _features;

    /// <summary>MOV to a control register, or WRMSR.</summary>
    /// <param name="register">Which one.</param>
    /// <param name="value">The value.</param>
    public SpecWrite Write(SpecRegister register, ulong value)
    {
        SpecWrite write = Registers.Write(register, value);
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

    /// <summary>The CR3 load of a task switch.</summary>
    /// <param name="value">CR3 of the new task.</param>
    public SpecTaskSwitch SwitchTask(uint value)
    {
        SpecTaskSwitch result = Registers.SwitchTask(value);
        if (result is SpecTaskSwitch.Loaded or SpecTaskSwitch.InvalidTss)
        {
            RegistersChanged(SpecDropKind.NonGlobal);
        }

        return result;
    }

    /// <summary>A20M# changes, or not.</summary>
    /// <param name="masked">Whether it forces physical bit 20 to 0 from now on.</param>
    public void MaskA20(bool masked)
    {
        if (Registers.A20Masked != masked)
        {
            Registers.A20Masked = masked;
            RegistersChanged(SpecDropKind.All);
        }
    }

    /// <summary>INVLPG.</summary>
    /// <param name="linear">Its operand.</param>
    public void Invlpg(uint linear) => Advance(SpecDropKind.Page, linear);

    /// <summary>Everything that is cached is forgotten; registers stay.</summary>
    public void FlushAll() => Advance(SpecDropKind.All);

    /// <summary>INVPCID with its faults.</summary>
    /// <param name="type">Its register operand.</param>
    /// <param name="low">Bits 63:0 of the descriptor, the PCID.</param>
    /// <param name="high">Bits 127:64 of the descriptor, the linear address.</param>
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
    /// <param name="cr2">The linear address.</param>
    public void Faulted(uint cr2) => Advance(SpecDropKind.Fault, cr2);

    /// <summary>Something has changed memory, this processor or another, software or a walk that set a flag.</summary>
    public void MemoryChanged() => MemoryChanged(Machine.Memory.Freeze());

    /// <summary>Lists every outcome that an access may have now, the one by memory alone first.</summary>
    /// <param name="linear">Linear byte address.</param>
    /// <param name="access">What is done, and by whom.</param>
    /// <param name="results">Cleared, and then filled without repetition.</param>
    public void Permitted(uint linear, SpecAccess access, List<SpecPermitted> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        _history.Permitted(linear, access, results);
    }

    /// <summary>The same, with a copy of the memory that several processors share.</summary>
    internal void MemoryChanged(SpecMemory frozen)
    {
        _seen = frozen;
        Advance(SpecDropKind.Nothing);
    }

    private void RegistersChanged(SpecDropKind drop)
    {
        _frozen = Registers.Freeze();
        Advance(drop);
    }

    private void Advance(SpecDropKind drop, uint linear = 0) => _history.Advance(new SpecDrop(drop, linear), _frozen, _seen);
}
