using Iced.Intel;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;
using X86Pae.Samples.Processor.Segments;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>MOV except of control and debug registers; MOVZX to CDQ, LEA, XLAT, LDS to LSS.</summary>
internal sealed class DataTransfer
{
    private readonly CpuState _state;
    private readonly Operands _operands;
    private readonly SegmentedMemory _memory;
    private readonly SegmentLoader _segments;

    public DataTransfer(
        CpuState state, Operands operands, SegmentedMemory memory, SegmentLoader segments, ControlRegisterMoves control, InstructionTable table)
    {
        _state = state;
        _operands = operands;
        _memory = memory;
        _segments = segments;
        table[Mnemonic.Mov] = (in Instruction i) => i.Code switch
        {
            Code.Mov_Sreg_rm16 or Code.Mov_Sreg_r32m16 => MoveToSegment(i),
            Code.Mov_rm16_Sreg or Code.Mov_r32m16_Sreg => _operands.TryWrite(i, 0, _state.Segment(i.Op1Register).Selector),
            Code.Mov_r32_cr or Code.Mov_cr_r32 or Code.Mov_r32_dr or Code.Mov_dr_r32 => control.Move(i),
            _ => Move(i),
        };
        table[Mnemonic.Movzx] = Move;
        table[Mnemonic.Movsx] = MoveSignExtended;
        table[Mnemonic.Lea] = LoadEffectiveAddress;
        table[Mnemonic.Xlatb] = Translate;
        table[Mnemonic.Cbw] = (in Instruction _) => Extend(Register.AL, Register.AX);
        table[Mnemonic.Cwde] = (in Instruction _) => Extend(Register.AX, Register.EAX);
        table[Mnemonic.Cwd] = (in Instruction _) => ExtendIntoNext(Register.AX, Register.DX);
        table[Mnemonic.Cdq] = (in Instruction _) => ExtendIntoNext(Register.EAX, Register.EDX);
        table[Mnemonic.Lds] = (in Instruction i) => LoadFarPointer(i, Register.DS);
        table[Mnemonic.Les] = (in Instruction i) => LoadFarPointer(i, Register.ES);
        table[Mnemonic.Lfs] = (in Instruction i) => LoadFarPointer(i, Register.FS);
        table[Mnemonic.Lgs] = (in Instruction i) => LoadFarPointer(i, Register.GS);
        table[Mnemonic.Lss] = (in Instruction i) => LoadFarPointer(i, Register.SS);
    }

    private bool Move(in Instruction instruction) =>
        _operands.TryRead(instruction, 1, out uint value) && _operands.TryWrite(instruction, 0, value);

    private bool MoveSignExtended(in Instruction instruction)
    {
        if (!_operands.TryRead(instruction, 1, out uint value))
        {
            return false;
        }

        _state.Write(instruction.Op0Register, (uint)OperandSize.SignExtend(value, Operands.SizeOf(instruction, 1)));
        return true;
    }

    private bool MoveToSegment(in Instruction instruction) =>
        _operands.TryRead(instruction, 1, out uint selector) && _segments.TryLoad(instruction.Op0Register, (ushort)selector);

    private bool LoadEffectiveAddress(in Instruction instruction)
    {
        _state.Write(instruction.Op0Register, _operands.EffectiveAddress(instruction));
        return true;
    }

    private bool Translate(in Instruction instruction)
    {
        if (!_memory.TryRead(instruction.MemorySegment, _operands.EffectiveAddress(instruction), 1, out uint value))
        {
            return false;
        }

        _state.Write(Register.AL, value);
        return true;
    }

    private bool Extend(Register source, Register destination)
    {
        _state.Write(destination, (uint)OperandSize.SignExtend(_state.Read(source), source.GetSize()));
        return true;
    }

    private bool ExtendIntoNext(Register source, Register destination)
    {
        _state.Write(destination, OperandSize.SignExtend(_state.Read(source), source.GetSize()) < 0 ? uint.MaxValue : 0);
        return true;
    }

    private bool LoadFarPointer(in Instruction instruction, Register segment)
    {
        int size = instruction.Op0Register.GetSize();
        uint address = _operands.EffectiveAddress(instruction);
        if (!_memory.TryRead(instruction.MemorySegment, address, size, out uint offset)
            || !_memory.TryRead(instruction.MemorySegment, address + (uint)size, 2, out uint selector)
            || !_segments.TryLoad(segment, (ushort)selector))
        {
            return false;
        }

        _state.Write(instruction.Op0Register, offset);
        return true;
    }
}
