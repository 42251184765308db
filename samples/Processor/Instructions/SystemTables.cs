using Iced.Intel;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;
using X86Pae.Samples.Processor.Segments;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>LGDT, LIDT, SGDT, SIDT, LLDT, SLDT, LTR, STR.</summary>
internal sealed class SystemTables
{
    private readonly CpuState _state;
    private readonly Operands _operands;
    private readonly SegmentedMemory _memory;
    private readonly DescriptorTables _tables;
    private readonly Privilege _privilege;

    public SystemTables(
        CpuState state,
        Operands operands,
        SegmentedMemory memory,
        DescriptorTables tables,
        Privilege privilege,
        InstructionTable table)
    {
        _state = state;
        _operands = operands;
        _memory = memory;
        _tables = tables;
        _privilege = privilege;
        table[Mnemonic.Lgdt] = LoadGlobalTable;
        table[Mnemonic.Lidt] = LoadInterruptTable;
        table[Mnemonic.Sgdt] = (in Instruction i) => StoreTable(i, _state.Gdtr);
        table[Mnemonic.Sidt] = (in Instruction i) => StoreTable(i, _state.Idtr);
        table[Mnemonic.Lldt] = LoadLocalTable;
        table[Mnemonic.Ltr] = LoadTask;
        table[Mnemonic.Sldt] = (in Instruction i) => StoreSelector(i, _state.Ldtr.Selector);
        table[Mnemonic.Str] = (in Instruction i) => StoreSelector(i, _state.Tr.Selector);
    }

    private bool LoadGlobalTable(in Instruction instruction)
    {
        if (!TryReadTable(instruction, out TableRegister value))
        {
            return false;
        }

        _state.Gdtr = value;
        return true;
    }

    private bool LoadInterruptTable(in Instruction instruction)
    {
        if (!TryReadTable(instruction, out TableRegister value))
        {
            return false;
        }

        _state.Idtr = value;
        return true;
    }

    /// <summary>Reads a limit of two bytes and a base of four; with a 16-bit operand size the highest byte of the base is 0.</summary>
    private bool TryReadTable(in Instruction instruction, out TableRegister value)
    {
        value = default;
        uint address = _operands.EffectiveAddress(instruction);
        if (!_privilege.TryRequireKernel()
            || !_memory.TryRead(instruction.MemorySegment, address, 2, out uint limit)
            || !_memory.TryRead(instruction.MemorySegment, address + 2, 4, out uint @base))
        {
            return false;
        }

        bool narrow = instruction.Code is Code.Lgdt_m1632_16 or Code.Lidt_m1632_16;
        value = new TableRegister(narrow ? @base & 0x00FF_FFFF : @base, (ushort)limit);
        return true;
    }

    private bool StoreTable(in Instruction instruction, TableRegister value)
    {
        uint address = _operands.EffectiveAddress(instruction);
        return _privilege.TryAllowStore()
            && _memory.TryProbeWrite(instruction.MemorySegment, address + 2, 4)
            && _memory.TryWrite(instruction.MemorySegment, address, 2, value.Limit)
            && _memory.TryWrite(instruction.MemorySegment, address + 2, 4, value.Base);
    }

    private bool LoadLocalTable(in Instruction instruction)
    {
        if (!_privilege.TryRequireKernel() || !_operands.TryRead(instruction, 0, out uint value))
        {
            return false;
        }

        var selector = (ushort)value;
        if (DescriptorTables.IsNull(selector))
        {
            _state.Ldtr = default;
            return true;
        }

        if (!TryReadSystem(selector, SegmentDescriptor.LocalTable, out SegmentDescriptor descriptor))
        {
            return false;
        }

        _state.Ldtr = new SegmentRegister(selector, descriptor);
        return true;
    }

    private bool LoadTask(in Instruction instruction)
    {
        const byte Busy = 2;
        if (!_privilege.TryRequireKernel() || !_operands.TryRead(instruction, 0, out uint value))
        {
            return false;
        }

        var selector = (ushort)value;
        if (!TryReadSystem(selector, SegmentDescriptor.AvailableTask, out SegmentDescriptor descriptor)
            || !_tables.TrySet(selector, Busy))
        {
            return false;
        }

        _state.Tr = new SegmentRegister(selector, descriptor);
        return true;
    }

    /// <summary>Reads the descriptor of an LDT or TSS, which must be in the GDT, of the right type, and present.</summary>
    private bool TryReadSystem(ushort selector, int type, out SegmentDescriptor descriptor)
    {
        const ushort LocalTableBit = 4;
        descriptor = default;
        GuestException refused = GuestException.OnSelector(ExceptionVector.GeneralProtection, selector);
        if (DescriptorTables.IsNull(selector) || (selector & LocalTableBit) != 0)
        {
            return _state.Raise(refused);
        }

        if (!_tables.TryRead(selector, refused, out descriptor))
        {
            return false;
        }

        if (!descriptor.IsSystem || descriptor.Type != type)
        {
            return _state.Raise(refused);
        }

        return descriptor.IsPresent
            || _state.Raise(GuestException.OnSelector(ExceptionVector.SegmentNotPresent, selector));
    }

    /// <summary>SLDT and STR. A register receives the selector extended with zeros, memory two bytes.</summary>
    private bool StoreSelector(in Instruction instruction, ushort selector) =>
        _privilege.TryAllowStore() && _operands.TryWrite(instruction, 0, selector);
}
