using Iced.Intel;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;
using X86Pae.Samples.Processor.Segments;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>LAR, LSL, VERR, VERW, ARPL: a program examines a selector without loading it. ZF is the answer.</summary>
internal sealed class SegmentChecks
{
    private readonly CpuState _state;
    private readonly Operands _operands;
    private readonly DescriptorTables _tables;

    public SegmentChecks(CpuState state, Operands operands, DescriptorTables tables, InstructionTable table)
    {
        _state = state;
        _operands = operands;
        _tables = tables;
        table[Mnemonic.Lar] = (in Instruction i) => Load(i, IsKnownToLar, d => (uint)(d.Raw >> 32) & 0x00F0_FF00);
        table[Mnemonic.Lsl] = (in Instruction i) => Load(i, IsKnownToLsl, d => d.Limit);
        table[Mnemonic.Verr] = (in Instruction i) => Verify(i, d => d.IsReadable);
        table[Mnemonic.Verw] = (in Instruction i) => Verify(i, d => d.IsWritable);
        table[Mnemonic.Arpl] = AdjustRequestedPrivilege;
    }

    private static bool IsKnownToLar(SegmentDescriptor descriptor) =>
        !descriptor.IsSystem || descriptor.Type is 1 or 2 or 3 or 4 or 5 or 9 or 11 or 12;

    private static bool IsKnownToLsl(SegmentDescriptor descriptor) =>
        !descriptor.IsSystem || descriptor.Type is 1 or 2 or 3 or 9 or 11;

    private bool Load(
        in Instruction instruction, Predicate<SegmentDescriptor> isKnown, Func<SegmentDescriptor, uint> result)
    {
        if (!TryLookUp(instruction, 1, out bool visible, out SegmentDescriptor descriptor))
        {
            return false;
        }

        bool found = visible && isKnown(descriptor);
        _state.Set(Eflags.Zero, found);
        if (found)
        {
            _state.Write(instruction.Op0Register, result(descriptor));
        }

        return true;
    }

    private bool Verify(in Instruction instruction, Predicate<SegmentDescriptor> allows)
    {
        if (!TryLookUp(instruction, 0, out bool visible, out SegmentDescriptor descriptor))
        {
            return false;
        }

        _state.Set(Eflags.Zero, visible && !descriptor.IsSystem && allows(descriptor));
        return true;
    }

    /// <summary>Reads a descriptor, and checks whether it exists and the program's privilege permits it to be seen.</summary>
    private bool TryLookUp(in Instruction instruction, int operand, out bool visible, out SegmentDescriptor descriptor)
    {
        visible = false;
        descriptor = default;
        if (!_operands.TryRead(instruction, operand, out uint selector)
            || !_tables.TryLookUp((ushort)selector, out bool found, out descriptor))
        {
            return false;
        }

        int privilege = Math.Max(_state.Cpl, (int)(selector & 3));
        visible = found && (descriptor.IsConforming || descriptor.Dpl >= privilege);
        return true;
    }

    private bool AdjustRequestedPrivilege(in Instruction instruction)
    {
        var operation = new RaiseRequestedPrivilege(_state.Read(instruction.Op1Register) & 3);
        if (!_operands.TryUpdate(instruction, 0, ref operation))
        {
            return false;
        }

        _state.Set(Eflags.Zero, operation.Raised);
        return true;
    }

    private struct RaiseRequestedPrivilege(uint level) : IOperation
    {
        public bool Raised;

        public uint Apply(uint value)
        {
            Raised = (value & 3) < level;
            return Raised ? (value & ~3u) | level : value;
        }
    }
}
